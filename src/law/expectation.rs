//! Moments of laws.

use crate::law::law::Law;
use crate::law::moments::{Moments, squared};
use crate::real;

/// A word below which one in 1024 is.
const GATHERED: u32 = 1 << 22;

impl Law {
    /// The law's moments (those of the 32-bit integers for [`Law::Bits`]).
    pub fn moments(&self) -> Moments {
        if let Some(value) = self.only_value() {
            return Moments::constant(value);
        }
        match *self {
            Law::Bits => Moments {
                mean: (real::ldexp(1.0, 32) - 1.0) / 2.0,
                variance: real::ldexp(1.0, 64) / 12.0,
                kurtosis: 1.8,
            },
            Law::Constant(value) => Moments::constant(value),
            Law::Uniform { low, high } => {
                Moments { mean: low + (high - low) / 2.0, variance: squared(high - low) / 12.0, kurtosis: 1.8 }
            }
            Law::Normal { mean, std, .. } => Moments { mean, variance: std * std, kurtosis: 3.0 },
            Law::Tabulated { ref table, mean, std, .. } => {
                let standard = self.cut().map_or(table.moments(), |[low, high]| table.moments_within(low, high));
                Moments {
                    mean: mean + std * standard.mean,
                    variance: std * std * standard.variance,
                    kurtosis: standard.kurtosis,
                }
            }
            Law::Listed(ref values) => Moments::of(values),
            // Over whole turns.
            Law::Waves(ref waves) => {
                let squares: Vec<_> = waves.waves.iter().map(|wave| wave.amplitude * wave.amplitude).collect();
                let Moments { mean: square, variance: spread, .. } = Moments::of(&squares);
                let kurtosis = 1.5 * (1.0 + spread / (square * square));
                Moments { mean: 0.0, variance: square / 2.0, kurtosis: if square > 0.0 { kurtosis } else { 1.0 } }
            }
        }
    }

    /// The expected power `order` of a sample's distance from the mean; of lists and waves none is known beyond
    /// [`Law::moments`].
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// assert_eq!(Law::normal(1.0, 2.0).central_moment(4), Some(3.0 * 16.0));
    /// assert_eq!(Law::uniform(-1.0, 1.0).central_moment(8), Some(1.0 / 9.0));
    /// ```
    pub fn central_moment(&self, order: u32) -> Option<f64> {
        let power = f64::from(order);
        let even = |value: f64| if order.is_multiple_of(2) { value } else { 0.0 };
        let uniform = |half_width: f64| even(real::pow(half_width, power) / f64::from(order + 1));
        Some(match *self {
            Law::Bits => uniform(real::ldexp(1.0, 31)),
            Law::Constant(_) => real::pow(0.0, power),
            Law::Uniform { low, high } => uniform(high / 2.0 - low / 2.0),
            // (order − 1)!! σ^order.
            Law::Normal { std, .. } => {
                even((1..order).step_by(2).map(f64::from).product::<f64>() * real::pow(std, power))
            }
            Law::Tabulated { ref table, std, .. } => {
                let (mean, within) = match self.cut() {
                    None => (table.moments().mean, [f64::NEG_INFINITY, f64::INFINITY]),
                    Some(within @ [low, high]) => (table.moments_within(low, high).mean, within),
                };
                real::pow(std, power) * table.moment_about(mean, power, within)
            }
            Law::Listed(_) | Law::Waves(_) => return None,
        })
    }

    /// The bounds of a table's quantiles, if they gather a part of the law, and not only what rounding puts beyond
    /// them.
    pub(super) fn cut(&self) -> Option<[f64; 2]> {
        let Law::Tabulated { ref table, mean, std, low, high, .. } = *self else { return None };
        let within = [low, high].map(|bound| (bound - mean) / std);
        (table.at(GATHERED) < within[0] || table.at(!GATHERED) > within[1]).then_some(within)
    }
}
