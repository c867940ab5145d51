//! Products of weights and signals, which is all that differs between the processors.

use anyhow::Result;

use crate::propagation::signals::Signals;

/// Which way signals go through a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// W x.
    Forward,
    /// Wᵀ x.
    Backward,
}

/// The weights of a network, where they can be multiplied.
pub trait Products {
    /// W x or Wᵀ x for layer `layer` and each column x of the signals.
    ///
    /// # Errors
    /// What the processor refuses.
    fn product(&self, layer: usize, direction: Direction, signals: &Signals) -> Result<Signals>;
}
