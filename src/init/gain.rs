//! Gains: PyTorch's recommended factor for what follows the layer.

#[cfg(doc)]
use crate::error::Error;
use crate::error::{LawError, Result};
use crate::name::UnknownName;

/// What follows the layer, by PyTorch's names (`torch/nn/init.py`, `calculate_gain`).
///
/// ```
/// use weightinit::init::Nonlinearity;
///
/// assert_eq!(Nonlinearity::parse("tanh", 0.0)?.gain(), 5.0 / 3.0);
/// assert_eq!(Nonlinearity::LeakyRelu { a: 0.2 }.gain(), 1.3867504905630728);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
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
    /// Those without a slope, by name.
    const NAMED: [(&str, Self); 11] = [
        ("linear", Self::Linear),
        ("conv1d", Self::Linear),
        ("conv2d", Self::Linear),
        ("conv3d", Self::Linear),
        ("conv_transpose1d", Self::Linear),
        ("conv_transpose2d", Self::Linear),
        ("conv_transpose3d", Self::Linear),
        ("sigmoid", Self::Linear),
        ("tanh", Self::Tanh),
        ("relu", Self::Relu),
        ("selu", Self::Selu),
    ];

    /// The nonlinearity of a name; `a` is the slope of `leaky_relu` and unused otherwise.
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`LawError::NotFinite`] for the slope.
    pub fn parse(name: &str, a: f64) -> Result<Self> {
        match (name, Self::NAMED.iter().find(|(known, _)| *known == name)) {
            ("leaky_relu", _) if !a.is_finite() => Err(LawError::NotFinite { name: "a", value: a }.into()),
            ("leaky_relu", _) => Ok(Self::LeakyRelu { a }),
            (_, Some((_, nonlinearity))) => Ok(*nonlinearity),
            (_, None) => {
                let names = Self::NAMED.iter().map(|(name, _)| *name);
                Err(UnknownName::new("nonlinearity", name, names.chain(["leaky_relu"])).into())
            }
        }
    }

    /// Factor of the standard deviation.
    pub fn gain(self) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => f64::sqrt(2.0),
            Self::LeakyRelu { a } => f64::sqrt(2.0 / (1.0 + a * a)),
            Self::Selu => 0.75,
        }
    }
}
