//! A run: an initializer and an activation, measured and expected.

use anyhow::Result;
use serde_json::{Value, json};

use crate::args::Activation;
use crate::propagation::jacobian::largest_singular_value;
use crate::propagation::network::Network;
use crate::propagation::passes::{COSINE, Measured, Passes};
use crate::propagation::products::Products;
use crate::propagation::theory::{Expected, expected};
use crate::propagation::verdict::verdict;

/// What was asked for, what the passes show, and what the theory says.
pub(crate) struct Run {
    pub(crate) init: String,
    pub(crate) activation: Activation,
    pub(crate) width: usize,
    pub(crate) seed: u64,
    pub(crate) measured: Vec<Measured>,
    /// None where the theory has nothing to say: of weights that are not independent, or have a mean.
    pub(crate) expected: Option<Vec<Expected>>,
    pub(crate) singular_value: f64,
    pub(crate) verdict: String,
}

impl Run {
    /// Sends `inputs` inputs through `network`, whose weights are in `products`.
    ///
    /// # Errors
    /// What the processor refuses.
    pub(crate) fn new(
        init: &str,
        network: &Network,
        activation: Activation,
        products: &dyn Products,
        inputs: usize,
    ) -> Result<Self> {
        let passes = Passes { network, activation, products };
        let (measured, entering) = passes.run(inputs)?;
        Ok(Self {
            init: init.to_owned(),
            activation,
            width: network.width(),
            seed: network.seed,
            expected: network.scales().map(|scales| expected(&scales, activation, COSINE)),
            singular_value: largest_singular_value(&passes, &entering)?,
            verdict: verdict(&measured, activation),
            measured,
        })
    }

    pub(crate) fn depth(&self) -> usize {
        self.measured.len()
    }

    /// For machines; numbers beyond f64 are null.
    pub(crate) fn json(&self) -> Value {
        let measured = |of: fn(&Measured) -> f64| self.measured.iter().map(of).collect::<Vec<_>>();
        let expected =
            |of: fn(&Expected) -> f64| self.expected.as_ref().map(|all| all.iter().map(of).collect::<Vec<_>>());
        json!({
            "init": self.init,
            "activation": self.activation.name(),
            "depth": self.depth(),
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
