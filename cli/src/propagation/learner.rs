//! A small network that learns by stochastic gradient descent.

use anyhow::{Context, Result};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use weightinit::{DType, Layout, cpu};

use crate::propagation::task::{EXAMPLES, INPUTS, Task};
use weightinit_common::propagation::Activation;
use weightinit_common::propagation::call::Call;
use weightinit_common::propagation::cpu::{product, view};
use weightinit_common::propagation::signals::Signals;

/// On this thread: so few numbers are not worth others.
const HERE: Par = Par::Seq;

/// A network to be made: hidden layers of one width, and one output.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) init: Call,
    pub(crate) bias: Option<Call>,
    pub(crate) activation: Activation,
    /// Hidden layers.
    pub(crate) depth: usize,
    pub(crate) width: usize,
    pub(crate) steps: usize,
    pub(crate) rate: f64,
    pub(crate) batch: usize,
}

impl Plan {
    /// Bytes of memory that one network takes while it learns: its weights, what is subtracted from them, and what they
    /// were filled from; and a batch at every layer.
    pub(super) fn bytes(&self) -> u64 {
        let (depth, width) = (self.depth as u64, self.width as u64);
        let signals = self.batch.max(EXAMPLES) as u64;
        24 * (depth * width * width + INPUTS as u64 * width) + 36 * width * width + 24 * depth * width * signals
    }
}

/// A layer's weights, by rows, and biases.
#[derive(Clone, Debug)]
struct Layer {
    rows: usize,
    columns: usize,
    weights: Vec<f64>,
    biases: Vec<f64>,
}

/// The network as it is now.
#[derive(Clone, Debug)]
pub(super) struct Learner {
    layers: Vec<Layer>,
    activation: Activation,
}

impl Learner {
    pub(super) fn new(plan: &Plan, seed: u64) -> Result<Self> {
        let shapes = (0..=plan.depth).map(|number| {
            let rows = if number == plan.depth { 1 } else { plan.width };
            (number, rows, if number == 0 { INPUTS } else { plan.width })
        });
        let filled = |option: &str, call: &Call, shape: &[u64], name: &str| {
            let request = call.initializer.request(name, shape, Layout::Torch, DType::F32);
            let values = request.and_then(|request| cpu::values(&request.with_seed(seed)));
            values.with_context(|| format!("--{option} {}", call.text))
        };
        let layer = |(number, rows, columns): (usize, usize, usize)| {
            let name = |what: &str| format!("layers.{number}.{what}");
            let weights = filled("init", &plan.init, &[rows as u64, columns as u64], &name("weight"))?;
            let biases = match &plan.bias {
                Some(bias) => filled("bias", bias, &[rows as u64], &name("bias"))?,
                None => vec![0.0; rows],
            };
            Ok(Layer { rows, columns, weights, biases })
        };
        Ok(Self { layers: shapes.map(layer).collect::<Result<_>>()?, activation: plan.activation })
    }

    /// What enters each layer's activation; the last layer has none.
    fn forward(&self, inputs: &Signals) -> Vec<Signals> {
        let mut entering: Vec<Signals> = Vec::new();
        for layer in &self.layers {
            let activations = entering.last().map(|sums| sums.map(|x| self.activation.value(x)));
            let mut sums = product(layer.matrix(), activations.as_ref().unwrap_or(inputs), HERE);
            sums.add_to_units(&layer.biases);
            entering.push(sums);
        }
        entering
    }

    /// What each hidden layer answers to all inputs of the task.
    pub(super) fn activations(&self, task: &Task) -> Vec<Signals> {
        let mut entering = self.forward(&task.inputs);
        entering.pop();
        entering.iter().map(|sums| sums.map(|x| self.activation.value(x))).collect()
    }

    /// Mean squared error over the whole task, whose answers have variance 1.
    pub(super) fn loss(&self, task: &Task) -> f64 {
        let outputs = self.forward(&task.inputs).pop().map_or_else(Vec::new, |outputs| outputs.values);
        let errors = outputs.iter().zip(&task.answers).map(|(output, answer)| (output - answer).powi(2));
        errors.sum::<f64>() / task.answers.len() as f64
    }

    /// One step against the gradient of half the mean squared error.
    pub(super) fn step(&mut self, (inputs, answers): &(Signals, Vec<f64>), rate: f64) {
        let entering = self.forward(inputs);
        let count = answers.len() as f64;
        let Some(outputs) = entering.last() else { return };
        let errors = outputs.values.iter().zip(answers).map(|(output, answer)| (output - answer) / count);
        let mut gradient = Signals::new(1, errors.collect());
        for number in (0..self.layers.len()).rev() {
            let below = number.checked_sub(1).map(|below| entering[below].map(|x| self.activation.value(x)));
            let changes = self.layers[number].gradient(&gradient, below.as_ref().unwrap_or(inputs));
            if number > 0 {
                let slopes = entering[number - 1].values.iter().map(|x| self.activation.slope(*x));
                gradient = product(self.layers[number].matrix().transpose(), &gradient, HERE).times(slopes);
            }
            self.layers[number].subtract(&changes, rate);
        }
    }

    /// Whether it is made of numbers still.
    fn is_finite(&self) -> bool {
        self.layers.iter().all(|layer| layer.weights.iter().all(|x| x.is_finite()))
    }

    /// Hidden units, and those of them with a twin in their layer: the same bits in all weights to it and from it, and
    /// in its bias.
    pub(super) fn units(&self) -> Units {
        let mut units = Units { equal: 0, all: 0, is_finite: self.is_finite() };
        for pair in self.layers.windows(2) {
            let [layer, next] = pair else { continue };
            let from = |unit: usize| next.weights.iter().skip(unit).step_by(next.columns);
            let to = |unit: usize| &layer.weights[unit * layer.columns..][..layer.columns];
            let bits = |unit: usize| {
                let all = to(unit).iter().chain(from(unit)).chain(&layer.biases[unit..=unit]);
                all.map(|x| x.to_bits()).collect::<Vec<_>>()
            };
            let mut all: Vec<_> = (0..layer.rows).map(bits).collect();
            all.sort_unstable();
            units.equal += all.chunk_by(|a, b| a == b).map(<[_]>::len).filter(|alike| *alike > 1).sum::<usize>();
            units.all += layer.rows;
        }
        units
    }
}

/// Units of all hidden layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Units {
    pub(crate) equal: usize,
    pub(crate) all: usize,
    /// Whether their weights are numbers: where all have become NaN, equal bits say nothing.
    pub(crate) is_finite: bool,
}

impl Layer {
    fn matrix(&self) -> MatRef<'_, f64> {
        MatRef::from_row_major_slice(&self.weights, self.rows, self.columns)
    }

    /// What to subtract from weights and biases.
    fn gradient(&self, gradient: &Signals, inputs: &Signals) -> [Vec<f64>; 2] {
        let mut weights = vec![0.0; self.weights.len()];
        let out = MatMut::from_row_major_slice_mut(&mut weights, self.rows, self.columns);
        matmul(out, Accum::Replace, view(gradient), view(inputs).transpose(), 1.0, HERE);
        let mut biases = vec![0.0; self.rows];
        for column in gradient.values.chunks(self.rows) {
            biases.iter_mut().zip(column).for_each(|(bias, x)| *bias += x);
        }
        [weights, biases]
    }

    fn subtract(&mut self, [weights, biases]: &[Vec<f64>; 2], rate: f64) {
        let from = |own: &mut [f64], changes: &[f64]| {
            own.iter_mut().zip(changes).for_each(|(x, change)| *x -= rate * change);
        };
        from(&mut self.weights, weights);
        from(&mut self.biases, biases);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weightinit_common::propagation::call::call;

    fn plan(init: &str, activation: Activation, depth: usize, width: usize) -> Plan {
        let init = call(init).unwrap();
        Plan { init, bias: None, activation, depth, width, steps: 0, rate: 0.1, batch: 32 }
    }

    /// The gradient is that of the loss, by differences in every parameter of the first layers.
    #[test]
    fn steps_follow_the_gradient() {
        let task = Task::new(1).unwrap();
        let whole = task.batch(0, task.answers.len());
        for activation in [Activation::Tanh, Activation::Gelu, Activation::Sigmoid] {
            let learner = Learner::new(&plan("xavier_normal(1.5)", activation, 2, 5), 4).unwrap();
            let mut stepped = learner.clone();
            stepped.step(&whole, 1.0);
            for (layer, index) in [(0, 0), (0, 37), (1, 12), (2, 3)] {
                let with = |change: f64| {
                    let mut moved = learner.clone();
                    moved.layers[layer].weights[index] += change;
                    moved.loss(&task) / 2.0
                };
                let expected = (with(1e-5) - with(-1e-5)) / 2e-5;
                let found = learner.layers[layer].weights[index] - stepped.layers[layer].weights[index];
                assert!((found - expected).abs() < 1e-7 + 1e-5 * expected.abs(), "{activation:?}: {found}, {expected}");
            }
        }
    }

    /// Whatever the width is to the blocks of the products, units that begin equal stay so, bit for bit.
    #[test]
    fn equal_units_stay_equal_for_every_width() {
        let task = Task::new(0).unwrap();
        for width in [2, 3, 7, 16, 31, 48, 65, 130] {
            for (init, equal) in [("constant(0.1)", true), ("zeros", true), ("he_normal", false)] {
                let mut learner = Learner::new(&plan(init, Activation::Relu, 3, width), 0).unwrap();
                (0..5).for_each(|step| learner.step(&task.batch(step, 32), 0.01));
                let units = Units { equal: if equal { 3 * width } else { 0 }, all: 3 * width, is_finite: true };
                assert_eq!(learner.units(), units, "{init}, width {width}");
            }
        }
    }
}
