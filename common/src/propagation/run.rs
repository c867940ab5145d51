//! A run: an initializer and an activation, measured and expected.

use anyhow::Result;
use serde_json::{Value, json};

use crate::propagation::activation::Activation;
use crate::propagation::jacobian::largest_singular_value;
use crate::propagation::network::Network;
use crate::propagation::passes::{COSINE, Measured, Passes};
use crate::propagation::products::Products;
use crate::propagation::theory::{Expected, expected};
use crate::propagation::verdict::verdict;

/// What the mean-field theory expects of a network, where it has something to say: not of weights that are not
/// independent, or have a mean.
pub fn expected_of(network: &Network, activation: Activation) -> Option<Vec<Expected>> {
    network.scales().map(|scales| expected(&scales, activation, COSINE))
}

/// What was asked for, what the passes show, and what the theory says.
pub struct Run {
    /// The initializer, as it was written.
    pub init: String,
    /// What is applied to each unit.
    pub activation: Activation,
    /// Layers.
    pub depth: usize,
    /// Units of the widest layer.
    pub width: usize,
    /// Of weights, inputs and gradients.
    pub seed: u64,
    /// Of each layer.
    pub measured: Vec<Measured>,
    /// That of [`expected_of`].
    pub expected: Option<Vec<Expected>>,
    /// Of the Jacobian, where it is looked for.
    pub singular_value: Option<f64>,
    /// What that means, by the rules of `docs/propagation.md`.
    pub verdict: String,
}

impl Run {
    /// Sends `inputs` inputs through `network`, whose weights are in `products`.
    ///
    /// # Errors
    /// What the processor refuses.
    pub fn new(
        init: &str,
        network: &Network,
        activation: Activation,
        products: &dyn Products,
        inputs: usize,
    ) -> Result<Self> {
        let mut passes = Passes::new(network, activation, inputs)?;
        passes.run(products)?;
        Ok(Self {
            singular_value: Some(largest_singular_value(&passes, products)?),
            ..Self::of(init, &passes, expected_of(network, activation))
        })
    }

    /// Of passes as far as they have come.
    pub fn of(init: &str, passes: &Passes, expected: Option<Vec<Expected>>) -> Self {
        let (network, activation) = (passes.network(), passes.activation());
        Self {
            init: init.to_owned(),
            activation,
            depth: network.depth(),
            width: network.width(),
            seed: network.seed,
            measured: passes.measured().to_vec(),
            expected,
            singular_value: None,
            verdict: verdict(passes.measured(), activation),
        }
    }

    /// For machines; numbers beyond f64 are null.
    pub fn json(&self) -> Value {
        let measured = |of: fn(&Measured) -> f64| self.measured.iter().map(of).collect::<Vec<_>>();
        let expected =
            |of: fn(&Expected) -> f64| self.expected.as_ref().map(|all| all.iter().map(of).collect::<Vec<_>>());
        json!({
            "init": self.init,
            "activation": self.activation.name(),
            "depth": self.depth,
            "width": self.width,
            "seed": self.seed,
            "activation_variance": measured(|layer| layer.activation_variance),
            "gradient_variance": measured(|layer| layer.gradient_variance),
            "theory": expected(|layer| layer.activation_variance),
            "verdict": self.verdict,
            "gradient_theory": expected(|layer| layer.gradient_variance),
            "cosine": measured(|layer| layer.cosine),
            "cosine_theory": expected(|layer| layer.cosine),
            "dead": measured(|layer| layer.flat.dead),
            "saturated": measured(|layer| layer.flat.saturated),
            "largest_singular_value": self.singular_value,
        })
    }
}
