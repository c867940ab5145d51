//! Moments: what a large sample of a law must show.

/// Mean, variance and kurtosis of a law, for checks of filled buffers.
///
/// ```
/// let moments = weightinit::Law::uniform(-1.0, 1.0).moments();
/// assert_eq!((moments.mean, moments.variance), (0.0, 1.0 / 3.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Expected value.
    pub mean: f64,
    /// Expected squared distance from the mean.
    pub variance: f64,
    /// Fourth central moment over the squared variance: 3 for the normal law, 1.8 for the uniform; 1 for a constant.
    pub kurtosis: f64,
}

/// The product, which is rounded once: what the standard library's powers are to the last bit is not specified.
pub(crate) fn squared(x: f64) -> f64 {
    x * x
}

impl Moments {
    pub(super) const fn constant(value: f64) -> Self {
        Self { mean: value, variance: 0.0, kurtosis: 1.0 }
    }

    /// Those of a finite population.
    pub(super) fn of(values: &[f64]) -> Self {
        let mean_of = |f: &dyn Fn(f64) -> f64| values.iter().map(|x| f(*x)).sum::<f64>() / values.len() as f64;
        let mean = mean_of(&|x| x);
        let variance = mean_of(&|x| squared(x - mean));
        let kurtosis = mean_of(&|x| squared(squared(x - mean))) / (variance * variance);
        Self { mean, variance, kurtosis: if variance > 0.0 { kurtosis } else { 1.0 } }
    }

    /// How many standard errors a sample's mean and variance are away from the law's, for `n` independent elements.
    ///
    /// The standard error of the mean is σ/√n, that of the variance σ²·√((κ − 1)/n). A constant that is not met
    /// exactly is infinitely far away.
    pub fn deviation(&self, mean: f64, variance: f64, n: u64) -> (f64, f64) {
        let n = n as f64;
        let distance = |difference: f64, error: f64| if difference == 0.0 { 0.0 } else { difference.abs() / error };
        (
            distance(mean - self.mean, (self.variance / n).sqrt()),
            distance(variance - self.variance, self.variance * ((self.kurtosis - 1.0) / n).sqrt()),
        )
    }
}
