//! Distribution functions: how much of a law's probability lies at or below a number.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::law::law::Law;
use crate::law::table::quantile::QuantileTable;
use crate::real;

impl Law {
    /// The probability of samples at or below `x`, before they are rounded to a type; none for lists and waves, whose
    /// elements are given by their index.
    ///
    /// That of a tabulated law is its table's own: the share of words that give at most `x`, to within 2^-32.
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// assert_eq!(Law::uniform(-1.0, 1.0).cdf(0.5), Some(0.75));
    /// let median = Law::laplace(2.0, 0.1)?.cdf(2.0).unwrap();
    /// assert!((median - 0.5).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn cdf(&self, x: f64) -> Option<f64> {
        let step = |value: f64| f64::from(u8::from(x >= value));
        if let Some(value) = self.only_value() {
            return Some(step(value));
        }
        Some(match *self {
            Law::Bits => ((x.floor() + 1.0) / real::ldexp(1.0, 32)).clamp(0.0, 1.0),
            Law::Constant(value) => step(value),
            Law::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Law::Normal { mean, std, .. } => real::erfc((mean - x) / std * FRAC_1_SQRT_2) / 2.0,
            Law::Tabulated { low, .. } if x < low => 0.0,
            Law::Tabulated { high, .. } if x >= high => 1.0,
            Law::Tabulated { ref table, mean, std, .. } => share(table, (x - mean) / std),
            Law::Listed(_) | Law::Waves(_) => return None,
        })
    }
}

/// The share of words whose quantile is at most `z`: words and quantiles grow together.
fn share(table: &QuantileTable, z: f64) -> f64 {
    let (mut below, mut above) = (0, 1u64 << 32);
    while below < above {
        let middle = u64::midpoint(below, above);
        if table.at(middle as u32) <= z { below = middle + 1 } else { above = middle }
    }
    below as f64 / real::ldexp(1.0, 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles of known probabilities, from scipy.
    #[test]
    fn known_probabilities() {
        let cases = [
            (Law::uniform(-3.0, 1.0), -2.0, 0.25),
            (Law::normal(1.0, 2.0), 1.0 - 2.0 * 1.959_963_984_540_054, 0.025),
            (Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap(), -0.639_111_910_871_273, 0.25),
            (Law::exponential(2.0).unwrap(), std::f64::consts::LN_2 / 2.0, 0.5),
            (Law::Constant(0.5), 0.5, 1.0),
            (Law::Constant(0.5), 0.499, 0.0),
            (Law::Bits, real::ldexp(1.0, 31) - 1.0, 0.5),
        ];
        for (law, x, p) in cases {
            let found = law.cdf(x).unwrap();
            assert!((found - p).abs() < 1e-7, "{law:?} at {x}: {found}, not {p}");
        }
    }

    /// It never falls, and goes from 0 to 1.
    #[test]
    #[cfg_attr(miri, ignore = "minutes for each table")]
    fn it_grows_from_0_to_1() {
        for law in [
            Law::log_normal(0.0, 1.0),
            Law::beta(0.5, 2.0),
            Law::triangular(0.0, 1.0, 0.3),
            Law::cauchy(0.0, 1.0, 1e-3),
        ] {
            let law = law.unwrap();
            let values: Vec<_> = (-4000..4000).map(|i| law.cdf(f64::from(i) / 1e3).unwrap()).collect();
            assert!(values.is_sorted(), "{law:?}");
            assert_eq!((law.cdf(f64::NEG_INFINITY), law.cdf(f64::INFINITY)), (Some(0.0), Some(1.0)));
        }
        assert_eq!(Law::listed([1.0, 2.0]).unwrap().cdf(1.5), None);
    }
}
