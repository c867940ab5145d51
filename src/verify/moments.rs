//! Moments of a sample, taken in piece by piece.

/// Number, mean and sums of powers of the distance from it, of the elements taken in so far.
///
/// ```
/// use weightinit::verify::SampleMoments;
///
/// let pieces = SampleMoments::of(&[1.0, 1.0]).and(SampleMoments::of(&[1.0, 5.0]));
/// assert_eq!((pieces.mean(), pieces.variance()), (2.0, 3.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SampleMoments {
    n: f64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

impl SampleMoments {
    /// Those of `values`.
    pub fn of(values: &[f64]) -> Self {
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
    pub fn and(self, other: Self) -> Self {
        if self.n == 0.0 || other.n == 0.0 {
            return if self.n == 0.0 { other } else { self };
        }
        let n = self.n + other.n;
        let (a, b, d) = (self.n / n, other.n / n, other.mean - self.mean);
        Self {
            n,
            mean: self.mean + b * d,
            second: self.second + other.second + n * a * b * d * d,
            third: self.third
                + other.third
                + n * a * b * (a - b) * d * d * d
                + 3.0 * d * (a * other.second - b * self.second),
            fourth: self.fourth
                + other.fourth
                + n * a * b * (a * a - a * b + b * b) * d * d * d * d
                + 6.0 * d * d * (a * a * other.second + b * b * self.second)
                + 4.0 * d * (a * other.third - b * self.third),
        }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.n as u64
    }

    /// Their mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their variance, by their number; NaN of none.
    pub fn variance(&self) -> f64 {
        self.second / self.n
    }

    /// Their standard deviation.
    pub fn std(&self) -> f64 {
        self.variance().sqrt()
    }

    /// Third moment over the third power of the standard deviation; no number where that is 0.
    pub fn skewness(&self) -> f64 {
        self.third / self.n / (self.variance() * self.std())
    }

    /// Fourth moment over the squared variance, less the 3 of the normal law.
    pub fn excess_kurtosis(&self) -> f64 {
        self.fourth / self.n / (self.variance() * self.variance()) - 3.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces of any size give what all at once gives, and a large mean does no harm.
    #[test]
    fn pieces_add_up() {
        let values: Vec<_> = (0..1000).map(|i| 1e6 + f64::from(i * i % 997) / 50.0 + f64::from(i % 7)).collect();
        let whole = SampleMoments::of(&values);
        for size in [1, 7, 333] {
            let pieces = values.chunks(size).map(SampleMoments::of).fold(SampleMoments::default(), SampleMoments::and);
            let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * b.abs().max(1.0), "{size}: {a} {b}");
            close(pieces.mean(), whole.mean());
            close(pieces.variance(), whole.variance());
            close(pieces.skewness(), whole.skewness());
            close(pieces.excess_kurtosis(), whole.excess_kurtosis());
        }
    }

    #[test]
    fn known_moments() {
        let moments = SampleMoments::of(&[1.0, 1.0, 1.0, 5.0]);
        assert_eq!((moments.mean(), moments.variance()), (2.0, 3.0));
        assert!((moments.skewness() - 24.0 / 4.0 / 3f64.powf(1.5)).abs() < 1e-12);
        assert!((moments.excess_kurtosis() - (84.0 / 4.0 / 9.0 - 3.0)).abs() < 1e-12);
        assert!(SampleMoments::of(&[2.0, 2.0]).skewness().is_nan());
    }
}
