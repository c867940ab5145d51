//! What the layers of a network become while it learns: the mean, the spread and the outer values of their activations.

use anyhow::Result;
use serde_json::{Value, json};

use crate::limits;
use crate::propagation::learner::Plan;
use crate::propagation::training::{points, train};

/// Bins of the histograms at the end.
const BINS: usize = 50;
/// Share of the activations that are below the outer value.
const SHARE: f64 = 0.98;

/// Activations of a layer, of all units for all inputs of the task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layer {
    pub(crate) mean: f64,
    pub(crate) std: f64,
    /// The 98th percentile.
    pub(crate) outer: f64,
}

impl Layer {
    fn of(mut values: Vec<f64>) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let std = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
        let place = ((values.len() - 1) as f64 * SHARE).round() as usize;
        let (_, outer, _) = values.select_nth_unstable_by(place, f64::total_cmp);
        Self { mean, std, outer: *outer }
    }
}

/// The layers of one network while it learns.
pub(crate) struct Layers {
    pub(crate) plan: Plan,
    pub(crate) seed: u64,
    pub(crate) steps: Vec<usize>,
    /// At each of these steps.
    pub(crate) losses: Vec<f64>,
    /// A list of hidden layers at each of these steps.
    pub(crate) layers: Vec<Vec<Layer>>,
    /// Of each layer at the end: how dense its activations are.
    pub(crate) histograms: Vec<Vec<[f64; 2]>>,
}

impl Layers {
    /// Trains, and looks at all layers meanwhile.
    ///
    /// # Errors
    /// An initializer that cannot make the weights; no memory for them.
    pub(crate) fn new(plan: Plan, seed: u64) -> Result<Self> {
        limits::check_room("the network", plan.bytes())?;
        let steps = points(&plan);
        let mut histograms = Vec::new();
        let seen = train(&plan, seed, &steps, |step, learner, task| {
            let activations = learner.activations(task);
            if step == plan.steps {
                let values: Vec<_> = activations.iter().map(|signals| &signals.values[..]).collect();
                histograms = of_all(&values);
            }
            let layers: Vec<_> = activations.into_iter().map(|signals| Layer::of(signals.values)).collect();
            (learner.loss(task), layers)
        })?;
        let (losses, layers) = seen.into_iter().unzip();
        Ok(Self { plan, seed, steps, losses, layers, histograms })
    }

    /// For machines: a list for each layer; what is no number is null.
    pub(crate) fn json(&self) -> Value {
        let of = |number: fn(&Layer) -> f64| -> Vec<Vec<f64>> {
            let layer = |layer: usize| self.layers.iter().map(|point| number(&point[layer])).collect();
            (0..self.plan.depth).map(layer).collect()
        };
        json!({
            "init": self.plan.init.text,
            "activation": self.plan.activation.name(),
            "depth": self.plan.depth,
            "width": self.plan.width,
            "seed": self.seed,
            "learning_rate": self.plan.rate,
            "steps": self.steps,
            "loss": self.losses,
            "mean": of(|layer| layer.mean),
            "std": of(|layer| layer.std),
            "percentile_98": of(|layer| layer.outer),
            "histogram": self.histograms,
        })
    }
}

/// The densities of several layers' activations in the same bins: middles and heights.
fn of_all(layers: &[&[f64]]) -> Vec<Vec<[f64; 2]>> {
    let all = layers.iter().flat_map(|values| values.iter()).filter(|x| x.is_finite());
    let (least, most) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| (least.min(*x), most.max(*x)));
    let width = (most - least) / BINS as f64;
    if !(width > 0.0 && width.is_finite()) {
        return vec![Vec::new(); layers.len()];
    }
    let of = |values: &&[f64]| {
        let mut counts = [0u32; BINS];
        for x in values.iter().filter(|x| x.is_finite()) {
            counts[(((x - least) / width) as usize).min(BINS - 1)] += 1;
        }
        let density = |count: u32| f64::from(count) / (values.len() as f64 * width);
        let bins = counts.into_iter().enumerate();
        bins.map(|(bin, count)| [least + (bin as f64 + 0.5) * width, density(count)]).collect()
    };
    layers.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_in_numbers() {
        let layer = Layer::of((0..=100).rev().map(f64::from).collect());
        assert_eq!((layer.mean, layer.outer), (50.0, 98.0));
        assert!((layer.std - 850.0f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn densities_have_an_area_of_one() {
        let histograms = of_all(&[&[0.0, 0.1, 0.2, 1.0], &[0.5, 0.5]]);
        for histogram in &histograms {
            let area: f64 = histogram.iter().map(|[_, height]| height / 50.0).sum();
            assert!((area - 1.0).abs() < 1e-12, "{histogram:?}");
        }
        assert_eq!(histograms[1][25], [0.51, 50.0]);
        // All equal, or no numbers at all: nothing to draw.
        for nothing in [&[1.0, 1.0][..], &[f64::NAN]] {
            assert_eq!(of_all(&[nothing]), [Vec::<[f64; 2]>::new()]);
        }
    }
}
