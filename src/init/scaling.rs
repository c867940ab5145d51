//! From fans to a law, by the f64 operations of the frameworks in their order.

use crate::error::{LawError, Result};
use crate::init::fan::Fans;
use crate::law::Law;
use crate::name::names;

/// The standard deviation of a standard normal truncated to ±2, as Keras and JAX write it.
const TRUNCATED_STD: f64 = 0.87962566103423978;

/// Which fan divides the variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Inputs: keeps the variance of activations.
    FanIn,
    /// Outputs: keeps the variance of gradients.
    FanOut,
    /// The mean of both.
    FanAvg,
}

names!(Mode, "mode", { FanIn => "fan_in", FanOut => "fan_out", FanAvg => "fan_avg" });

/// The shape of the distribution around 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Uniform.
    Uniform,
    /// Normal: what PyTorch calls normal, and Keras `untruncated_normal`.
    Normal,
    /// Normal truncated at ± 2 σ, with σ divided by 0.8796… so that the variance after truncation is the one asked for.
    TruncatedNormal,
}

names!(Distribution, "distribution", {
    Uniform => "uniform", Normal => "untruncated_normal", TruncatedNormal => "truncated_normal"
});

/// `keras/src/initializers/random_initializers.py`, `VarianceScaling.__call__`.
pub(super) fn by_variance(scale: f64, mode: Mode, distribution: Distribution, fans: Fans) -> Result<Law> {
    if !(scale.is_finite() && scale > 0.0) {
        return Err(LawError::InvalidScale { name: "scale", value: scale }.into());
    }
    let (fan_in, fan_out) = (fans.fan_in as f64, fans.fan_out as f64);
    let variance = scale
        / match mode {
            Mode::FanIn => fan_in,
            Mode::FanOut => fan_out,
            Mode::FanAvg => (fan_in + fan_out) / 2.0,
        };
    law(distribution, f64::sqrt(3.0 * variance), f64::sqrt(variance))
}

/// `torch/nn/init.py`, `xavier_uniform_`, `xavier_normal_`, `kaiming_uniform_` and `kaiming_normal_`.
pub(super) fn by_gain(gain: f64, mode: Mode, distribution: Distribution, fans: Fans) -> Result<Law> {
    if !(gain.is_finite() && gain >= 0.0) {
        return Err(LawError::InvalidScale { name: "gain", value: gain }.into());
    }
    let (fan_in, fan_out) = (fans.fan_in as f64, fans.fan_out as f64);
    let std = match mode {
        Mode::FanIn => gain / f64::sqrt(fan_in),
        Mode::FanOut => gain / f64::sqrt(fan_out),
        Mode::FanAvg => gain * f64::sqrt(2.0 / (fan_in + fan_out)),
    };
    law(distribution, f64::sqrt(3.0) * std, std)
}

fn law(distribution: Distribution, bound: f64, std: f64) -> Result<Law> {
    match distribution {
        Distribution::Uniform => Ok(Law::uniform(-bound, bound)),
        Distribution::Normal => Ok(Law::normal(0.0, std)),
        Distribution::TruncatedNormal => {
            let parent = std / TRUNCATED_STD;
            Law::truncated_normal(0.0, parent, -2.0 * parent, 2.0 * parent)
        }
    }
}
