//! Fans: how many inputs and outputs a weight connects, which sets its scale.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result, named};

/// Which axes of a shape are inputs, outputs and receptive field. Part of every request, never guessed.
///
/// ```
/// use wginit::{Fans, Layout};
///
/// // A 3 × 3 convolution from 16 to 32 channels, as each framework stores it.
/// let fans = Fans { fan_in: 16 * 9, fan_out: 32 * 9 };
/// assert_eq!(Layout::Keras.fans(&[3, 3, 16, 32], 1), Ok(fans));
/// assert_eq!(Layout::Torch.fans(&[32, 16, 3, 3], 1), Ok(fans));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// `(…receptive field…, in, out)`, as Keras and JAX store weights. A vector of d has both fans d, a scalar 1
    /// (`keras/src/initializers/random_initializers.py`, `compute_fans`).
    Keras,
    /// `(out, in/groups, …receptive field…)`, as PyTorch stores them. Shapes of fewer than two dimensions have no fans
    /// (`torch/nn/init.py`, `_calculate_fan_in_and_fan_out`).
    Torch,
}

/// The two fans of a weight, each at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fans {
    /// Inputs that each output sums over.
    pub fan_in: u64,
    /// Outputs that each input reaches.
    pub fan_out: u64,
}

impl Layout {
    /// Every layout, in the order in which errors list them.
    pub const ALL: [Layout; 2] = [Layout::Keras, Layout::Torch];

    /// The name that [`FromStr`] reads: `keras` or `torch`.
    pub const fn name(self) -> &'static str {
        match self {
            Layout::Keras => "keras",
            Layout::Torch => "torch",
        }
    }

    /// The fans of a weight of `shape`.
    ///
    /// `groups` is the number of groups of a grouped convolution, 1 otherwise. Both layouts store the inputs of one
    /// group, so that fan_in is right by itself; fan_out counts the outputs of all groups in the frameworks (which is
    /// what `groups = 1` gives) and those of one group, which are all that an input reaches, when `groups` is given.
    ///
    /// # Errors
    /// [`Error::NoFans`] for a vector or scalar in [`Layout::Torch`], [`Error::ZeroFan`], [`Error::InvalidGroups`], and
    /// [`Error::TooManyElements`] when a product does not fit in 64 bits.
    pub fn fans(self, shape: &[u64], groups: u64) -> Result<Fans> {
        let (inputs, outputs, receptive) = match (self, shape) {
            (Layout::Keras, []) => (1, 1, &[][..]),
            (Layout::Keras, &[d]) => (d, d, &[][..]),
            (Layout::Keras, [receptive @ .., inputs, outputs]) => (*inputs, *outputs, receptive),
            (Layout::Torch, [outputs, inputs, receptive @ ..]) => (*inputs, *outputs, receptive),
            (Layout::Torch, _) => {
                return Err(Error::NoFans {
                    shape: shape.to_vec(),
                    layout: self.name(),
                    expected: "PyTorch needs two or more dimensions (out, in/groups, ...)",
                });
            }
        };
        if groups == 0 || !outputs.is_multiple_of(groups) {
            return Err(Error::InvalidGroups { groups, out: outputs, shape: shape.to_vec() });
        }
        let product = |channels: u64| {
            receptive
                .iter()
                .try_fold(channels, |n, &d| n.checked_mul(d))
                .ok_or_else(|| Error::TooManyElements { shape: shape.to_vec(), dtype: crate::DType::F32 })
        };
        let fans = Fans { fan_in: product(inputs)?, fan_out: product(outputs / groups)? };
        for (fan, n) in [("fan_in", fans.fan_in), ("fan_out", fans.fan_out)] {
            if n == 0 {
                return Err(Error::ZeroFan { fan, shape: shape.to_vec() });
            }
        }
        Ok(fans)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        named("layout", name, &Self::ALL, Self::name)
    }
}
