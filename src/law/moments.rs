//! Moments: what a large sample of a law must show.

use super::Law;

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
    const fn constant(value: f64) -> Self {
        Self { mean: value, variance: 0.0, kurtosis: 1.0 }
    }

    /// Those of a finite population.
    fn of(values: &[f64]) -> Self {
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

impl Law {
    /// The law's moments (those of the 32-bit integers for [`Law::Bits`]).
    pub fn moments(&self) -> Moments {
        match *self {
            Law::Bits => Moments {
                mean: (libm::ldexp(1.0, 32) - 1.0) / 2.0,
                variance: libm::ldexp(1.0, 64) / 12.0,
                kurtosis: 1.8,
            },
            Law::Constant(value) => Moments::constant(value),
            Law::Uniform { low, high } if low == high => Moments::constant(low),
            Law::Uniform { low, high } => {
                Moments { mean: low + (high - low) / 2.0, variance: squared(high - low) / 12.0, kurtosis: 1.8 }
            }
            Law::Normal { mean, std: 0.0, .. } => Moments::constant(mean),
            Law::Normal { mean, std, .. } => Moments { mean, variance: std * std, kurtosis: 3.0 },
            Law::Tabulated { mean, std: 0.0, .. } => Moments::constant(mean),
            Law::Tabulated { ref table, mean, std, .. } => {
                let standard = table.moments();
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
        let uniform = |half_width: f64| even(libm::pow(half_width, power) / f64::from(order + 1));
        Some(match *self {
            Law::Bits => uniform(libm::ldexp(1.0, 31)),
            Law::Constant(_) => libm::pow(0.0, power),
            Law::Uniform { low, high } => uniform(high / 2.0 - low / 2.0),
            // (order − 1)!! σ^order.
            Law::Normal { std, .. } => {
                even((1..order).step_by(2).map(f64::from).product::<f64>() * libm::pow(std, power))
            }
            Law::Tabulated { ref table, std, .. } => libm::pow(std, power) * table.central_moment(power),
            Law::Listed(_) | Law::Waves(_) => return None,
        })
    }
}
