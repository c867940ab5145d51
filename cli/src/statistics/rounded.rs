//! A law as elements of a type have it: where its samples round to, and with which probability.

use anyhow::Result;
use weightinit::{DType, Fill, Law};

/// Types whose steps are wider than this part of a standard deviation move the law's moments.
const COARSE: f64 = 1.0 / 128.0;
/// Values of a type whose probabilities are added up, at most.
const MOST_VALUES: usize = 1 << 17;

/// A random law, rounded to a type.
pub(crate) struct Rounded<'a> {
    law: &'a Law,
    /// The type whose values elements take.
    dtype: DType,
    /// The smallest and the largest element.
    low: f64,
    high: f64,
    /// Distance between a uniform law's samples, which has fewer than 32 bits.
    step: f64,
}

impl<'a> Rounded<'a> {
    /// The law in elements of `dtype`, if the type can hold it.
    pub(crate) fn new(law: &'a Law, dtype: DType) -> Result<Self> {
        let fill = Fill::new(0, law.clone(), dtype, 1)?;
        let reach = dtype.sampled().max();
        let bounds = fill.sampler().bounds.map_or((-reach, reach), |(low, high)| (low.into(), high.into()));
        let (low, high, step) = match *law {
            // Symmetric ones have no bounds in f32, which their samples keep by themselves.
            Law::Uniform { low, high } => (bounds.0.max(low), bounds.1.min(high), (high - low) / f64::from(1 << 24)),
            _ => (bounds.0, bounds.1, 0.0),
        };
        Ok(Self { law, dtype: dtype.sampled(), low, high, step })
    }

    /// The probability of elements less than `x`.
    pub(crate) fn below(&self, x: f64) -> f64 {
        self.moved(x, 0.0)
    }

    /// The probability of elements that are 0, as far as steps of the law's samples tell.
    pub(crate) fn of_zero(&self) -> f64 {
        let least = self.dtype.least();
        (self.moved(least, 1.0) - self.moved(0.0, -1.0)).max(0.0)
    }

    /// The same with the law moved by so many steps of its samples.
    fn moved(&self, x: f64, steps: f64) -> f64 {
        if x <= self.low {
            return 0.0;
        }
        if x > self.high {
            return 1.0;
        }
        let (below, from) = self.neighbours(x);
        // Samples above the middle between two values round to the upper one.
        self.law.cdf(f64::midpoint(below, from) + steps * self.step).unwrap_or(f64::NAN)
    }

    /// The type's largest value less than `x`, and its smallest that is not.
    fn neighbours(&self, x: f64) -> (f64, f64) {
        let bits = self.dtype.bits(x);
        let value = self.dtype.value(bits);
        if value < x { (value, self.next(bits, false)) } else { (self.next(bits, true), value) }
    }

    /// The next value of the type, downwards or upwards; infinite beyond the last.
    fn next(&self, bits: u64, down: bool) -> f64 {
        let sign = 1u64 << (8 * self.dtype.size() - 1);
        let next = match (bits & !sign, (bits & sign != 0) == down) {
            (0, _) => 1 | if down { sign } else { 0 },
            (_, true) => bits + 1,
            (_, false) => bits - 1,
        };
        let value = self.dtype.value(next);
        let beyond = if down { f64::NEG_INFINITY } else { f64::INFINITY };
        if value.is_finite() { value } else { beyond }
    }

    /// Probabilities of a least element as small as `x`, and of a greatest one as large, each two-sided, for `n`
    /// elements.
    pub(crate) fn of_extremes(&self, min: f64, max: f64, n: u64) -> [f64; 2] {
        // A uniform law's own steps are added to either side of its continuous distribution function.
        let (min, max) = (min.max(self.low), max.min(self.high));
        let all = |inside: f64| (n as f64 * inside.ln()).exp();
        let up = |x: f64| self.next(self.dtype.bits(x), false);
        let above = |x: f64, steps: f64| 1.0 - self.moved(x, steps);
        let least = [1.0 - all(above(up(min), 1.0)), all(above(min, -1.0))];
        let greatest = [all(self.moved(up(max), 1.0)), 1.0 - all(self.moved(max, -1.0))];
        [least, greatest].map(|[a, b]| (2.0 * a.min(b)).clamp(0.0, 1.0))
    }

    /// Whether the law gives such a value, or the next one: other programs round to an excluded bound itself.
    pub(crate) fn gives(&self, x: f64) -> bool {
        let next = |x: f64, down| self.next(self.dtype.bits(x), down);
        next(self.low, true) <= x && x <= next(self.high, false)
    }

    /// The mean, and the central moments of orders 0 to 8: the law's own where the type is fine, else those of its
    /// values.
    pub(crate) fn moments(&self) -> Option<(f64, [f64; 9])> {
        let own = self.law.moments();
        let std = own.variance.sqrt();
        let step = 2.0 * self.dtype.precision() * (own.mean.abs() + std);
        if step > COARSE * std
            && let Some(values) = self.values(own.mean, std)
        {
            let mean: f64 = values.iter().map(|(value, p)| value * p).sum();
            let moment = |order: i32| values.iter().map(|(value, p)| (value - mean).powi(order) * p).sum();
            return Some((mean, std::array::from_fn(|order| moment(order as i32))));
        }
        let mut moments = [1.0; 9];
        for (order, moment) in moments.iter_mut().enumerate() {
            *moment = self.law.central_moment(order as u32)?;
        }
        Some((own.mean, moments))
    }

    /// The type's values with their probabilities, if they are not too many.
    fn values(&self, mean: f64, std: f64) -> Option<Vec<(f64, f64)>> {
        // One standard deviation more than samples reach, so that rounding takes none away.
        let reach = (self.reach() + 1.0) * std;
        let mut x = self.neighbours((mean - reach).max(self.low)).0.max(self.low);
        let end = (mean + reach).min(self.high);
        let (mut values, mut below) = (Vec::new(), 0.0);
        while below < 1.0 && x <= end {
            let next = self.next(self.dtype.bits(x), false);
            let until = self.below(next);
            values.push((x, until - below));
            (x, below) = (next, until);
            if values.len() > MOST_VALUES {
                return None;
            }
        }
        Some(values)
    }

    /// How far from the mean a sample can be, in standard deviations.
    pub(crate) fn reach(&self) -> f64 {
        let moments = self.law.moments();
        match self.law {
            Law::Tabulated { table, mean, std, .. } => {
                (table.reach() * std + (mean - moments.mean).abs()) / moments.variance.sqrt()
            }
            Law::Uniform { .. } => 3f64.sqrt(),
            _ => 6.67,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chance(law: &Law, dtype: DType, x: f64) -> f64 {
        let rounded = Rounded::new(law, dtype).unwrap();
        rounded.below(rounded.next(dtype.bits(x), false)) - rounded.below(x)
    }

    /// The share of samples at each value of a short type is what the library's own fills have.
    #[test]
    fn probabilities_are_the_shares_of_fills() {
        let laws = [
            Law::normal(0.0, 1.0),
            Law::normal(1.0, 0.01),
            Law::uniform(-1.0, 1.0),
            Law::uniform(1.0, 1.02),
            Law::uniform(0.0, 1.0),
            Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap(),
            Law::exponential(1.0).unwrap(),
        ];
        const N: u64 = 1 << 18;
        for law in laws {
            for dtype in [DType::BF16, DType::F16, DType::F8E4M3, DType::F8E5M2] {
                let fill = Fill::new(0, law.clone(), dtype, N).unwrap().with_seed(5);
                let mut values = weightinit::cpu::values(&fill).unwrap();
                values.sort_by(f64::total_cmp);
                for run in values.chunk_by(|a, b| a == b).filter(|run| run.len() > 200) {
                    let expected = N as f64 * chance(&law, dtype, run[0]);
                    let z = (run.len() as f64 - expected) / expected.sqrt();
                    assert!(
                        z.abs() < 6.0,
                        "{law:?} {dtype} at {}: {} elements, expected {expected}",
                        run[0],
                        run.len()
                    );
                }
            }
        }
    }

    /// Of coarse types the moments are those of the values.
    #[test]
    fn moments_of_coarse_types() {
        for (law, dtype) in [(Law::normal(1.0, 0.1), DType::F8E4M3), (Law::uniform(1.0, 1.01), DType::BF16)] {
            let values = weightinit::cpu::values(&Fill::new(0, law.clone(), dtype, 1 << 18).unwrap()).unwrap();
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            let (expected, moments) = Rounded::new(&law, dtype).unwrap().moments().unwrap();
            let error = (moments[2] / n).sqrt();
            assert!((moments[0] - 1.0).abs() < 1e-6 && (mean - expected).abs() < 5.0 * error, "{mean} {expected}");
            assert!((variance / moments[2] - 1.0).abs() < 0.02, "{variance} {}", moments[2]);
            let own = law.moments().variance;
            assert!((own / moments[2] - 1.0).abs() > 0.005, "{law:?} in {dtype} is not coarse: {own}");
        }
    }

    #[test]
    fn extremes_of_many_samples() {
        let of = |law: &Law, min: f64, max: f64, n| Rounded::new(law, DType::F32).unwrap().of_extremes(min, max, n);
        let normal = Law::normal(0.0, 1.0);
        // The median of the greatest of 1000 is 3.198.
        for p in of(&normal, -3.198, 3.198, 1000) {
            assert!(p > 0.99, "{p}");
        }
        assert!(of(&normal, -3.0, 7.0, 1000)[1] < 1e-8);
        assert!(of(&normal, -3.0, 3.0, 1 << 20)[0] < 1e-300);
        // All values of a uniform law's grid occur in 2^30 samples, its ends among them.
        let fill = Fill::new(0, Law::uniform(-1.0, 1.0), DType::F32, 1 << 30).unwrap();
        let end = f64::from(fill.sampler().scale) * f64::from((1 << 24) - 1);
        assert!(of(fill.law(), -end, end, 1 << 30).into_iter().all(|p| p > 1e-3));
        assert!(of(fill.law(), -0.99, 0.99, 1 << 30).into_iter().all(|p| p < 1e-300));
    }
}
