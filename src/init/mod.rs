//! Initializers: from a name, a shape and a layout to a law.
//!
//! Two small algebras, whose instances are the frameworks' names: [`Initializer::VarianceScaling`] (Keras, JAX) and
//! [`Initializer::GainScaling`] (PyTorch). They differ in what "normal" is and in the order of the f64 operations, which
//! is followed to the last bit.

mod arguments;
pub mod axes;
mod entries;
pub mod fan;
mod gain;
pub mod matrix;
mod registry;
mod scaling;

pub(crate) use arguments::Given;
pub use arguments::{Arguments, Value};
pub use entries::REGISTRY;
pub use gain::Nonlinearity;
pub(crate) use registry::parameter;
pub use registry::{Entry, Parameter, by_name};
pub use scaling::{Distribution, Mode};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::init::fan::{Fans, Layout};
use crate::init::matrix::Matrix;
use crate::law::Law;
use crate::request::fill::{Fill, element_count};
use crate::request::orthogonal::Orthogonal;
use crate::request::structure::Structure;

/// How to initialize a tensor of any shape.
///
/// ```
/// use weightinit::{DType, Initializer, Layout};
///
/// let fill = Initializer::he_normal().fill(&[64, 48], Layout::Torch, DType::F32)?.seed(7).stream("fc.weight");
/// assert_eq!(fill.byte_count(), 64 * 48 * 4);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Initializer {
    /// The same law for every shape.
    Law(Law),
    /// Keras' and JAX' algebra: variance `scale / fan`.
    VarianceScaling {
        /// Numerator of the variance, positive.
        scale: f64,
        /// Which fan divides it.
        mode: Mode,
        /// Shape of the distribution.
        distribution: Distribution,
        /// Groups of a grouped convolution, 1 otherwise: see [`Layout::fans`].
        groups: u64,
    },
    /// PyTorch's: standard deviation `gain / √fan`.
    GainScaling {
        /// Numerator of the standard deviation, not negative.
        gain: f64,
        /// Which fan divides it.
        mode: Mode,
        /// Shape of the distribution.
        distribution: Distribution,
        /// Groups of a grouped convolution, 1 otherwise: see [`Layout::fans`].
        groups: u64,
    },
    /// A matrix with a structure.
    Matrix(Matrix),
    /// An orthogonal matrix: see [`Initializer::orthogonal`].
    Orthogonal {
        /// Length of its vectors.
        gain: f64,
        /// Whether it stands in the centre of a convolution's kernel.
        delta: bool,
    },
}

/// Constructors by the frameworks' names, with the frameworks' defaults. [`by_name`] has them all by string.
impl Initializer {
    /// Keras and JAX: uniform, variance 2/(fan_in + fan_out) (Glorot and Bengio 2010, equation 16).
    pub const fn glorot_uniform() -> Self {
        Self::variance_scaling(1.0, Mode::FanAvg, Distribution::Uniform)
    }

    /// Keras and JAX: truncated normal, variance 2/(fan_in + fan_out).
    pub const fn glorot_normal() -> Self {
        Self::variance_scaling(1.0, Mode::FanAvg, Distribution::TruncatedNormal)
    }

    /// Keras and JAX: uniform, variance 2/fan_in (He, Zhang, Ren and Sun 2015, equation 10).
    pub const fn he_uniform() -> Self {
        Self::variance_scaling(2.0, Mode::FanIn, Distribution::Uniform)
    }

    /// Keras and JAX: truncated normal, variance 2/fan_in.
    pub const fn he_normal() -> Self {
        Self::variance_scaling(2.0, Mode::FanIn, Distribution::TruncatedNormal)
    }

    /// Keras and JAX: uniform, variance 1/fan_in (LeCun, Bottou, Orr and Müller 1998).
    pub const fn lecun_uniform() -> Self {
        Self::variance_scaling(1.0, Mode::FanIn, Distribution::Uniform)
    }

    /// Keras and JAX: truncated normal, variance 1/fan_in.
    pub const fn lecun_normal() -> Self {
        Self::variance_scaling(1.0, Mode::FanIn, Distribution::TruncatedNormal)
    }

    /// PyTorch: uniform, standard deviation gain·√(2/(fan_in + fan_out)).
    pub const fn xavier_uniform(gain: f64) -> Self {
        Self::gain_scaling(gain, Mode::FanAvg, Distribution::Uniform)
    }

    /// PyTorch: normal, standard deviation gain·√(2/(fan_in + fan_out)).
    pub const fn xavier_normal(gain: f64) -> Self {
        Self::gain_scaling(gain, Mode::FanAvg, Distribution::Normal)
    }

    /// PyTorch: uniform, standard deviation gain/√fan with the gain of `nonlinearity`.
    pub fn kaiming_uniform(mode: Mode, nonlinearity: Nonlinearity) -> Self {
        Self::gain_scaling(nonlinearity.gain(), mode, Distribution::Uniform)
    }

    /// PyTorch: normal, standard deviation gain/√fan with the gain of `nonlinearity`.
    pub fn kaiming_normal(mode: Mode, nonlinearity: Nonlinearity) -> Self {
        Self::gain_scaling(nonlinearity.gain(), mode, Distribution::Normal)
    }

    /// Keras' `VarianceScaling`, JAX' `variance_scaling`.
    pub const fn variance_scaling(scale: f64, mode: Mode, distribution: Distribution) -> Self {
        Self::VarianceScaling { scale, mode, distribution, groups: 1 }
    }

    /// What PyTorch's `xavier_*` and `kaiming_*` have in common.
    pub const fn gain_scaling(gain: f64, mode: Mode, distribution: Distribution) -> Self {
        Self::GainScaling { gain, mode, distribution, groups: 1 }
    }

    /// All zeros.
    pub const fn zeros() -> Self {
        Self::Law(Law::Constant(0.0))
    }

    /// All ones.
    pub const fn ones() -> Self {
        Self::Law(Law::Constant(1.0))
    }

    /// The same initializer for a convolution with `groups` groups. Laws without fans do not change.
    pub fn with_groups(self, groups: u64) -> Self {
        match self {
            Self::Law(_) | Self::Orthogonal { .. } => self,
            Self::Matrix(matrix) => Self::Matrix(matrix.with_groups(groups)),
            Self::VarianceScaling { scale, mode, distribution, .. } => {
                Self::VarianceScaling { scale, mode, distribution, groups }
            }
            Self::GainScaling { gain, mode, distribution, .. } => {
                Self::GainScaling { gain, mode, distribution, groups }
            }
        }
    }

    /// The fans that decide the scale for `shape`, if the initializer looks at fans at all.
    ///
    /// # Errors
    /// Those of [`Layout::fans`].
    pub fn fans(&self, shape: &[u64], layout: Layout) -> Result<Option<Fans>> {
        match *self {
            Self::Law(_) | Self::Orthogonal { .. } => Ok(None),
            Self::Matrix(ref matrix) => matrix.fans(shape, layout),
            Self::VarianceScaling { groups, .. } | Self::GainScaling { groups, .. } => {
                layout.fans(shape, groups).map(Some)
            }
        }
    }

    /// The law for a tensor of `shape`.
    ///
    /// # Errors
    /// Those of [`Initializer::parts`].
    pub fn law(&self, shape: &[u64], layout: Layout) -> Result<Law> {
        Ok(self.parts(shape, layout)?.0)
    }

    /// The law for a tensor of `shape`, and which elements follow it.
    ///
    /// # Errors
    /// Those of [`Layout::fans`] and [`element_count`], and [`Error::InvalidScale`] for a negative or
    /// infinite scale or gain; those of [`Matrix::parts`]; [`Error::NotElementwise`] for orthogonal matrices.
    pub fn parts(&self, shape: &[u64], layout: Layout) -> Result<(Law, Structure)> {
        // In the narrowest type: what follows multiplies dimensions.
        element_count(shape, DType::F8E4M3)?;
        let law = match self {
            Self::Matrix(matrix) => return matrix.parts(shape, layout),
            Self::Orthogonal { .. } => return Err(Error::NotElementwise),
            Self::Law(law) => law.clone(),
            &Self::VarianceScaling { scale, mode, distribution, groups } => {
                scaling::by_variance(scale, mode, distribution, layout.fans(shape, groups)?)?
            }
            &Self::GainScaling { gain, mode, distribution, groups } => {
                scaling::by_gain(gain, mode, distribution, layout.fans(shape, groups)?)?
            }
        };
        Ok((law, Structure::Dense))
    }

    /// The fill of a whole tensor of `shape` and `dtype`, seed 0 and stream 0.
    ///
    /// # Errors
    /// Those of [`Initializer::parts`] and of [`Fill::new`].
    pub fn fill(&self, shape: &[u64], layout: Layout, dtype: DType) -> Result<Fill> {
        let elements = element_count(shape, dtype)?;
        let (law, structure) = self.parts(shape, layout)?;
        Fill::new(law, dtype, elements)?.structured(structure)
    }
}

impl Initializer {
    /// The orthogonal tensor of `shape` and `dtype`, seed 0 and stream 0, if that is what the initializer makes; such tensors
    /// have no [`Fill`].
    ///
    /// # Errors
    /// Those of [`Orthogonal::new`] and [`Orthogonal::delta`].
    pub fn orthogonal(&self, shape: &[u64], layout: Layout, dtype: DType) -> Result<Option<Orthogonal>> {
        match *self {
            Self::Orthogonal { gain, delta: false } => Orthogonal::new(gain, shape, layout, dtype).map(Some),
            Self::Orthogonal { gain, delta: true } => Orthogonal::delta(gain, shape, layout, dtype).map(Some),
            _ => Ok(None),
        }
    }
}

impl From<Law> for Initializer {
    fn from(law: Law) -> Self {
        Self::Law(law)
    }
}
