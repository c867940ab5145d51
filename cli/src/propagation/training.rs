//! Training: whether units stay equal, and how the loss falls.

use anyhow::Result;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::limits;
use crate::propagation::learner::{Learner, Plan, Units};
use crate::propagation::task::Task;

/// The hidden units after training.
pub(crate) struct Symmetry {
    pub(crate) plan: Plan,
    pub(crate) seed: u64,
    pub(crate) units: Units,
    pub(crate) loss: f64,
}

impl Symmetry {
    /// Trains, and looks whether units are equal.
    ///
    /// # Errors
    /// An initializer that cannot make the weights; no memory for them.
    pub(crate) fn new(plan: Plan, seed: u64) -> Result<Self> {
        limits::check_room("the network", plan.bytes())?;
        let task = Task::new(seed)?;
        let mut learner = Learner::new(&plan, seed)?;
        (0..plan.steps).for_each(|step| learner.step(&task.batch(step, plan.batch), plan.rate));
        Ok(Self { units: learner.units(), loss: learner.loss(&task), plan, seed })
    }

    pub(crate) fn verdict(&self) -> String {
        match self.units {
            Units { is_finite: false, .. } => "diverges: its weights are no numbers".to_owned(),
            Units { equal, all, .. } if equal == all => "all units of a layer are equal".to_owned(),
            Units { equal: 0, .. } => "no units are equal".to_owned(),
            Units { equal, all, .. } => format!("{equal} of {all} units are equal to another"),
        }
    }

    /// For machines.
    pub(crate) fn json(&self) -> Value {
        json!({
            "init": self.plan.init.text,
            "activation": self.plan.activation.name(),
            "depth": self.plan.depth,
            "width": self.plan.width,
            "seed": self.seed,
            "steps": self.plan.steps,
            "equal_units": self.units.equal,
            "units": self.units.all,
            "loss": self.loss,
            "verdict": self.verdict(),
        })
    }
}

/// Points of a curve, beside the start.
const POINTS: usize = 60;

/// The steps at which a training is looked at.
pub(super) fn points(plan: &Plan) -> Vec<usize> {
    let mut steps: Vec<_> = (0..=POINTS).map(|point| point * plan.steps / POINTS).collect();
    steps.dedup();
    steps
}

/// Trains a network, and looks at it at each of those steps.
pub(super) fn train<T>(
    plan: &Plan,
    seed: u64,
    steps: &[usize],
    mut look: impl FnMut(usize, &Learner, &Task) -> T,
) -> Result<Vec<T>> {
    let task = Task::new(seed)?;
    let mut learner = Learner::new(plan, seed)?;
    let mut done = 0;
    let at = |step: &usize| {
        (done..*step).for_each(|step| learner.step(&task.batch(step, plan.batch), plan.rate));
        done = *step;
        look(*step, &learner, &task)
    };
    Ok(steps.iter().map(at).collect())
}

/// Loss by steps, of several seeds.
pub(crate) struct Curves {
    pub(crate) plan: Plan,
    pub(crate) seeds: Vec<u64>,
    pub(crate) steps: Vec<usize>,
    /// A list for each seed.
    pub(crate) losses: Vec<Vec<f64>>,
}

impl Curves {
    /// Trains a network for each seed.
    ///
    /// # Errors
    /// An initializer that cannot make the weights; no memory for them.
    pub(crate) fn new(plan: Plan, seeds: Vec<u64>) -> Result<Self> {
        let at_once = seeds.len().min(rayon::current_num_threads());
        limits::check_room("the networks", plan.bytes().saturating_mul(at_once as u64))?;
        let steps = points(&plan);
        let curve = |seed: &u64| train(&plan, *seed, &steps, |_, learner, task| learner.loss(task));
        let losses = seeds.par_iter().map(curve).collect::<Result<_>>()?;
        Ok(Self { plan, seeds, steps, losses })
    }

    /// The least, the median and the greatest loss at a point; losses that are no numbers are infinite.
    pub(crate) fn band(&self, point: usize) -> [f64; 3] {
        let number = |loss: f64| if loss.is_nan() { f64::INFINITY } else { loss };
        let mut losses: Vec<_> = self.losses.iter().map(|curve| number(curve[point])).collect();
        losses.sort_by(f64::total_cmp);
        let last = losses.len() - 1;
        [losses[0], f64::midpoint(losses[last / 2], losses[last.div_ceil(2)]), losses[last]]
    }

    /// For machines; what is no number is null.
    pub(crate) fn json(&self) -> Value {
        let bands: Vec<_> = (0..self.steps.len()).map(|point| self.band(point)).collect();
        let of = |which: usize| bands.iter().map(|band| band[which]).collect::<Vec<_>>();
        json!({
            "init": self.plan.init.text,
            "activation": self.plan.activation.name(),
            "depth": self.plan.depth,
            "width": self.plan.width,
            "seeds": self.seeds,
            "learning_rate": self.plan.rate,
            "steps": self.steps,
            "least_loss": of(0),
            "median_loss": of(1),
            "greatest_loss": of(2),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weightinit_common::propagation::Activation;
    use weightinit_common::propagation::call::call;

    #[test]
    fn bands_are_of_all_seeds() {
        let plan = Plan {
            init: call("zeros").unwrap(),
            bias: None,
            activation: Activation::Tanh,
            depth: 1,
            width: 1,
            steps: 1,
            rate: 0.1,
            batch: 2,
        };
        let losses = [3.0, 1.0, f64::NAN, 2.0].map(|loss| vec![loss]).to_vec();
        let curves = Curves { plan, seeds: vec![0, 1, 2, 3], steps: vec![0], losses };
        assert_eq!(curves.band(0), [1.0, 2.5, f64::INFINITY]);
    }
}
