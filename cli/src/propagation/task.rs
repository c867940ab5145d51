//! A task to learn: what a small network with random weights answers, the teacher, to normal inputs.

use anyhow::Result;
use weightinit::{DType, Fill, Initializer, Law, Layout, cpu};

use weightinit_common::propagation::signals::Signals;

/// Numbers in an input.
pub(super) const INPUTS: usize = 16;
/// Inputs with their answers.
pub(super) const EXAMPLES: usize = 512;
/// Hidden units of the teacher.
const HIDDEN: usize = 8;

/// Inputs and answers, which have mean 0 and variance 1.
pub(super) struct Task {
    pub(super) inputs: Signals,
    pub(super) answers: Vec<f64>,
}

impl Task {
    pub(super) fn new(seed: u64) -> Result<Self> {
        let inputs = Fill::new("task.inputs", Law::normal(0.0, 1.0), DType::F32, (INPUTS * EXAMPLES) as u64)?;
        let inputs = cpu::values(&inputs.with_seed(seed))?;
        let weights = |name: &str, rows: usize, columns: usize| {
            let (shape, init) = ([rows as u64, columns as u64], Initializer::xavier_normal(2.0));
            Ok::<_, anyhow::Error>(cpu::values(
                &init.request(name, &shape, Layout::Torch, DType::F32)?.with_seed(seed),
            )?)
        };
        let (first, second) = (weights("teacher.0", HIDDEN, INPUTS)?, weights("teacher.1", 1, HIDDEN)?);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let answer = |input: &[f64]| {
            let hidden: Vec<_> = first.chunks(INPUTS).map(|row| dot(row, input).tanh()).collect();
            dot(&second, &hidden)
        };
        let answers: Vec<_> = inputs.chunks(INPUTS).map(answer).collect();
        let mean = answers.iter().sum::<f64>() / EXAMPLES as f64;
        let answers = Signals::new(1, answers);
        let std = answers.variance().sqrt();
        Ok(Self {
            inputs: Signals::new(INPUTS, inputs),
            answers: answers.values.iter().map(|answer| (answer - mean) / std).collect(),
        })
    }

    /// The `size` examples of step `step`, one after the other and round again.
    pub(super) fn batch(&self, step: usize, size: usize) -> (Signals, Vec<f64>) {
        let examples = (0..size).map(|number| (step * size + number) % EXAMPLES);
        let inputs = examples.clone().flat_map(|example| &self.inputs.values[example * INPUTS..][..INPUTS]).copied();
        (Signals::new(INPUTS, inputs.collect()), examples.map(|example| self.answers[example]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_standardized_and_batches_go_round() {
        let task = Task::new(3).unwrap();
        let answers = Signals::new(1, task.answers.clone());
        assert!((answers.variance() - 1.0).abs() < 1e-12);
        let (inputs, answers) = task.batch(1, EXAMPLES - 1);
        assert_eq!(inputs.columns(), EXAMPLES - 1);
        assert_eq!((answers[0], answers[1]), (task.answers[EXAMPLES - 1], task.answers[0]));
        assert_eq!(inputs.values[INPUTS..2 * INPUTS], task.inputs.values[..INPUTS]);
    }
}
