//! Products of weights and signals, which is all that differs between the processors.

use anyhow::Result;

use crate::propagation::signals::Signals;

/// The weights of a network, where they can be multiplied.
pub(crate) trait Products {
    /// W x for layer `layer` and each column x of the signals.
    fn forward(&self, layer: usize, signals: &Signals) -> Result<Signals>;

    /// Wᵀ x.
    fn backward(&self, layer: usize, signals: &Signals) -> Result<Signals>;
}
