//! What one pass over a tensor leaves: counts, extremes, moments and a histogram.

use super::histogram::Histogram;

/// Statistics of the elements seen so far.
pub(crate) struct Summary {
    pub(crate) count: u64,
    pub(crate) nan: u64,
    pub(crate) infinite: u64,
    pub(crate) zeros: u64,
    /// Of finite elements; ∞ and −∞ if there are none.
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) moments: Moments,
    pub(crate) histogram: Histogram,
}

/// Number, mean and sums of powers of the distance from it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moments {
    n: f64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

impl Summary {
    pub(crate) fn new() -> Self {
        Self {
            count: 0,
            nan: 0,
            infinite: 0,
            zeros: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            moments: Moments::default(),
            histogram: Histogram::new(),
        }
    }

    /// Takes in more elements; those that are not finite are counted and go no further.
    pub(crate) fn take(&mut self, values: &mut Vec<f64>) {
        self.count += values.len() as u64;
        values.retain(|x| {
            self.nan += u64::from(x.is_nan());
            self.infinite += u64::from(x.is_infinite());
            x.is_finite()
        });
        for &x in &*values {
            self.zeros += u64::from(x == 0.0);
            self.min = self.min.min(x);
            self.max = self.max.max(x);
            self.histogram.add(x);
        }
        self.moments = self.moments.and(Moments::of(values));
    }

    /// Elements that are neither NaN nor infinite.
    pub(crate) fn finite(&self) -> u64 {
        self.count - self.nan - self.infinite
    }
}

impl Moments {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        if n == 0.0 {
            return Self::default();
        }
        let mean = values.iter().sum::<f64>() / n;
        let mut moments = Self { n, mean, ..Self::default() };
        for d in values.iter().map(|x| x - mean) {
            let square = d * d;
            moments.second += square;
            moments.third += square * d;
            moments.fourth += square * square;
        }
        moments
    }

    /// Those of both samples together (Pébay, "Formulas for robust, one-pass parallel computation of covariances and
    /// arbitrary-order statistical moments", 2008), which keeps the precision that plain sums of powers lose.
    fn and(self, other: Self) -> Self {
        if self.n == 0.0 || other.n == 0.0 {
            return if self.n == 0.0 { other } else { self };
        }
        let n = self.n + other.n;
        let (a, b, d) = (self.n / n, other.n / n, other.mean - self.mean);
        Self {
            n,
            mean: self.mean + b * d,
            second: self.second + other.second + n * a * b * d.powi(2),
            third: self.third
                + other.third
                + n * a * b * (a - b) * d.powi(3)
                + 3.0 * d * (a * other.second - b * self.second),
            fourth: self.fourth
                + other.fourth
                + n * a * b * (a * a - a * b + b * b) * d.powi(4)
                + 6.0 * d.powi(2) * (a * a * other.second + b * b * self.second)
                + 4.0 * d * (a * other.third - b * self.third),
        }
    }

    pub(crate) fn mean(&self) -> f64 {
        self.mean
    }

    pub(crate) fn variance(&self) -> f64 {
        self.second / self.n
    }

    pub(crate) fn std(&self) -> f64 {
        self.variance().sqrt()
    }

    /// Third moment over the third power of the standard deviation; no number where that is 0.
    pub(crate) fn skewness(&self) -> f64 {
        self.third / self.n / self.std().powi(3)
    }

    /// Fourth moment over the squared variance, less the 3 of the normal law.
    pub(crate) fn excess_kurtosis(&self) -> f64 {
        self.fourth / self.n / self.variance().powi(2) - 3.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces of any size give what all at once gives, and a large mean does no harm.
    #[test]
    fn pieces_add_up() {
        let values: Vec<_> = (0..1000).map(|i| 1e6 + f64::from(i * i % 997) / 50.0 + f64::from(i % 7)).collect();
        let whole = Moments::of(&values);
        for size in [1, 7, 333] {
            let pieces = values.chunks(size).map(Moments::of).fold(Moments::default(), Moments::and);
            let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * b.abs().max(1.0), "{size}: {a} {b}");
            close(pieces.mean(), whole.mean());
            close(pieces.variance(), whole.variance());
            close(pieces.skewness(), whole.skewness());
            close(pieces.excess_kurtosis(), whole.excess_kurtosis());
        }
    }

    #[test]
    fn known_moments() {
        let moments = Moments::of(&[1.0, 1.0, 1.0, 5.0]);
        assert_eq!((moments.mean(), moments.variance()), (2.0, 3.0));
        assert!((moments.skewness() - 24.0 / 4.0 / 3f64.powf(1.5)).abs() < 1e-12);
        assert!((moments.excess_kurtosis() - (84.0 / 4.0 / 9.0 - 3.0)).abs() < 1e-12);
        assert!(Moments::of(&[2.0, 2.0]).skewness().is_nan());
    }

    #[test]
    fn what_is_not_finite_is_counted_apart() {
        let mut summary = Summary::new();
        summary.take(&mut vec![1.0, f64::NAN, -0.0, f64::INFINITY, f64::NEG_INFINITY, -3.0]);
        assert_eq!((summary.count, summary.finite(), summary.nan, summary.infinite, summary.zeros), (6, 3, 1, 2, 1));
        assert_eq!((summary.min, summary.max, summary.moments.mean()), (-3.0, 1.0, -2.0 / 3.0));
    }
}
