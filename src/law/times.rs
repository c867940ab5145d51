//! A law times a number.

use crate::law::law::Law;
use crate::law::lower::NORMAL_REACH;

impl Law {
    /// The law of its samples times `factor`, which is positive; none of raw words and of waves.
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// assert_eq!(Law::normal(1.0, 0.5).times(8.0), Some(Law::normal(8.0, 4.0)));
    /// ```
    pub fn times(&self, factor: f64) -> Option<Self> {
        Some(match *self {
            Law::Bits | Law::Waves(_) => return None,
            Law::Constant(value) => Law::Constant(factor * value),
            Law::Uniform { low, high } => Law::Uniform { low: factor * low, high: factor * high },
            Law::Normal { mean, std, math } => Law::Normal { mean: factor * mean, std: factor * std, math },
            Law::Tabulated { family, ref table, mean, std, low, high } => Law::Tabulated {
                family,
                table: table.clone(),
                mean: factor * mean,
                std: factor * std,
                low: factor * low,
                high: factor * high,
            },
            Law::Listed(ref values) => Law::Listed(values.iter().map(|value| factor * value).collect()),
        })
    }

    /// A magnitude that no sample is above, if the law has one in real numbers.
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// assert_eq!(Law::uniform(-2.0, 1.0).reach(), Some(2.0));
    /// ```
    pub fn reach(&self) -> Option<f64> {
        Some(match *self {
            Law::Bits | Law::Waves(_) => return None,
            Law::Constant(value) => value.abs(),
            Law::Uniform { low, high } => low.abs().max(high.abs()),
            Law::Normal { mean, std, .. } => mean.abs() + NORMAL_REACH * std,
            Law::Tabulated { ref table, mean, std, low, high, .. } => {
                (mean.abs() + table.reach() * std).min(low.abs().max(high.abs()))
            }
            Law::Listed(ref values) => values.iter().fold(0.0, |reach, value| reach.max(value.abs())),
        })
    }
}
