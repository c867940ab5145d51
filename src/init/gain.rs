//! Gains: PyTorch's recommended factor for what follows the layer.

use crate::error::{Error, Result};

/// What follows the layer, by PyTorch's names (`torch/nn/init.py`, `calculate_gain`).
///
/// ```
/// use weightinit::Nonlinearity;
///
/// assert_eq!(Nonlinearity::parse("tanh", 0.0)?.gain(), 5.0 / 3.0);
/// assert_eq!(Nonlinearity::LeakyRelu { a: 0.2 }.gain(), 1.3867504905630728);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nonlinearity {
    /// Nothing, or a sigmoid: gain 1. Also `conv1d` … `conv_transpose3d`.
    Linear,
    /// tanh: 5/3.
    Tanh,
    /// ReLU: √2.
    Relu,
    /// Leaky ReLU with negative slope `a`: √(2/(1 + a²)).
    LeakyRelu {
        /// Negative slope.
        a: f64,
    },
    /// SELU: 3/4.
    Selu,
}

impl Nonlinearity {
    const NAMES: &str = "linear, conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d, sigmoid, \
                         tanh, relu, leaky_relu, selu";

    /// The nonlinearity of a name; `a` is the slope of `leaky_relu` and unused otherwise.
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`Error::NotFinite`] for the slope.
    pub fn parse(name: &str, a: f64) -> Result<Self> {
        match name {
            "linear" | "conv1d" | "conv2d" | "conv3d" | "conv_transpose1d" | "conv_transpose2d"
            | "conv_transpose3d" | "sigmoid" => Ok(Self::Linear),
            "tanh" => Ok(Self::Tanh),
            "relu" => Ok(Self::Relu),
            "leaky_relu" if !a.is_finite() => Err(Error::NotFinite { name: "a", value: a }),
            "leaky_relu" => Ok(Self::LeakyRelu { a }),
            "selu" => Ok(Self::Selu),
            _ => Err(Error::UnknownName {
                kind: "nonlinearity",
                name: name.to_owned(),
                expected: Self::NAMES.to_owned(),
            }),
        }
    }

    /// Factor of the standard deviation.
    pub fn gain(self) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => libm::sqrt(2.0),
            Self::LeakyRelu { a } => libm::sqrt(2.0 / (1.0 + a * a)),
            Self::Selu => 0.75,
        }
    }
}
