//! Initializers by the frameworks' names.

use crate::init::gain::Nonlinearity;
use crate::init::initializer::Initializer;
use crate::init::scaling::{Distribution, Mode};
use crate::law::Law;

/// Constructors by the frameworks' names, with the frameworks' defaults. [`by_name`](crate::init::by_name) has them all
/// by string.
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

    /// An orthogonal matrix, or a semi-orthogonal one, of the tensor flattened (Saxe, McClelland and Ganguli 2014), its
    /// vectors of length `gain`: the one initializer whose elements depend on each other.
    pub const fn orthogonal(gain: f64) -> Self {
        Self::Orthogonal { gain, delta: false }
    }

    /// An orthogonal matrix in the centre of a convolution's kernel, 0 elsewhere (Xiao et al. 2018).
    pub const fn delta_orthogonal(gain: f64) -> Self {
        Self::Orthogonal { gain, delta: true }
    }
}
