//! Laws: which distribution the samples follow, in real numbers, before any type or device.

mod arcsine;
mod beta;
mod cauchy;
mod cdf;
mod exponential;
mod gumbel;
mod inverse_softplus;
mod laplace;
mod log_normal;
mod log_uniform;
mod logistic;
mod lower;
mod moments;
mod table;
mod triangular;
mod truncated_normal;
mod wave;

use std::sync::Arc;

pub use lower::{Kind, Sampler};
pub(crate) use lower::{LEAST_TERM, dimension, finite};
pub use moments::Moments;
pub(crate) use moments::squared;
pub use table::Table;
pub use table::quantile::{QuantileTable, Tail};
pub use wave::{Wave, Waves};

use crate::error::{Error, Result};

/// Which arithmetic the normal law's Box–Muller transform uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Math {
    /// Integer operations, exact conversions and single multiplies and adds behind barriers: the same bits everywhere.
    #[default]
    Portable,
    /// The device's own `log`, `sqrt`, `cos` and `sin`: bits differ between devices, each sample within
    /// [`Math::NATIVE_TOLERANCE`] standard deviations of the portable one.
    Native,
}

impl Math {
    /// Largest difference, in standard deviations, between a native and a portable sample of the same words.
    ///
    /// WGSL allows `sin` and `cos` an absolute error of 2^-11 and `log` one of 2^-21 near 1 (WGSL specification,
    /// "Accuracy of built-in functions"); with the radius of at most 6.67 that is below 2^-8.
    pub const NATIVE_TOLERANCE: f64 = 1.0 / 256.0;
}

/// A distribution with its parameters.
///
/// Parameters are checked where the law meets a type: in [`crate::Fill::new`].
///
/// ```
/// use weightinit::{DType, Fill, Law};
///
/// let fill = Fill::new(Law::uniform(-0.05, 0.05), DType::F32, 1000)?;
/// let samples = weightinit::cpu::values(&fill);
/// assert!(samples.iter().all(|x| x.abs() < 0.05 && *x != 0.0));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// The generator's raw 32-bit words, as [`crate::DType::U32`].
    Bits,
    /// The same value everywhere.
    Constant(f64),
    /// Uniform on `[low, high)`, with 2^24 equally spaced values: the step is (high − low)/2^24, or one unit in the
    /// last place of the result where that is coarser. With `low = -high` it is the open interval, symmetric about 0 to
    /// the last bit and never 0. Never returns `high`, not even after rounding to f16 or bf16.
    Uniform {
        /// Lower bound, included.
        low: f64,
        /// Upper bound, excluded.
        high: f64,
    },
    /// Normal, by the transform of Box and Muller (1958): two words make two samples; |z| ≤ 6.66.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, not negative.
        std: f64,
        /// Arithmetic of the transform.
        math: Math,
    },
    /// `mean + std · q(u)` for a tabulated quantile function q, inside `[low, high]`.
    Tabulated {
        /// The quantile function q of the standardized law.
        table: Arc<QuantileTable>,
        /// Added to each sample.
        mean: f64,
        /// Scale of each sample, not negative.
        std: f64,
        /// Smallest sample, possibly −∞.
        low: f64,
        /// Largest sample, possibly ∞.
        high: f64,
    },
    /// The values of a list, over and over: element i is value i mod its length. Rounded to the type from f64.
    Listed(Arc<[f64]>),
    /// Sine waves over a matrix.
    Waves(Waves),
}

impl Law {
    /// Uniform on `[low, high)`.
    pub const fn uniform(low: f64, high: f64) -> Self {
        Law::Uniform { low, high }
    }

    /// Normal with portable arithmetic.
    pub const fn normal(mean: f64, std: f64) -> Self {
        Law::Normal { mean, std, math: Math::Portable }
    }

    /// Normal (mean, std) conditioned on `[lower, upper]`, which may be infinite on either side.
    ///
    /// `std` is that of the parent normal; what truncation leaves of it is [`Law::moments`].
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::InvalidScale`] and [`Error::InvalidBounds`] for such parameters;
    /// [`Error::NotTabulable`] if the interval is too narrow (under 2^-20 σ wide) for the table's error bound.
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// let law = Law::truncated_normal(0.0, 1.0, -2.0, 2.0)?;
    /// assert!((law.moments().variance.sqrt() - 0.87962566103423978).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn truncated_normal(mean: f64, std: f64, lower: f64, upper: f64) -> Result<Self> {
        lower::finite("mean", mean)?;
        lower::scale("std", std)?;
        if lower.is_nan() || upper.is_nan() {
            let (name, value) = if lower.is_nan() { ("lower", lower) } else { ("upper", upper) };
            return Err(Error::NotFinite { name, value });
        }
        if lower > upper {
            return Err(Error::InvalidBounds { low: lower, high: upper });
        }
        if std == 0.0 || lower == upper {
            return Ok(Law::Constant(mean.clamp(lower, upper)));
        }
        let table = truncated_normal::table((lower - mean) / std, (upper - mean) / std)?;
        Ok(Law::Tabulated { table, mean, std, low: lower, high: upper })
    }

    /// A law of your own by its quantile function of u in (0, 1), monotone and smooth.
    ///
    /// It is tabulated in units of its interquartile range. Where the upper tail needs more precision than 1 − u leaves,
    /// or `name` matters, build a [`QuantileTable`] and use [`Law::Tabulated`].
    ///
    /// # Errors
    /// [`Error::NotTabulable`] if the table cannot hold it.
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// // Kumaraswamy's law with a = 2, b = 3.
    /// let law = Law::from_quantile(|u| (1.0 - (1.0 - u).powf(1.0 / 3.0)).sqrt())?;
    /// assert!((law.moments().mean - 0.457_142_857).abs() < 1e-5);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn from_quantile(quantile: impl Fn(f64) -> f64) -> Result<Self> {
        let spread = quantile(0.75) - quantile(0.25);
        if !(spread.is_finite() && spread > 0.0) {
            let reason = format!("its interquartile range is {spread}; it must grow with u");
            return Err(Error::NotTabulable { law: "of your own".to_owned(), reason });
        }
        let standard = |p: f64, tail: Tail| match tail {
            Tail::Lower => quantile(p) / spread,
            Tail::Upper => quantile(1.0 - p) / spread,
        };
        Self::tabulated("of your own", standard, 0.0, spread)
    }

    /// The values of a list, over and over.
    ///
    /// # Errors
    /// [`Error::EmptyList`].
    ///
    /// ```
    /// use weightinit::{DType, Fill, Law, cpu};
    ///
    /// let fill = Fill::new(Law::listed([0.0, 1.5])?, DType::F16, 5)?;
    /// assert_eq!(cpu::values(&fill), [0.0, 1.5, 0.0, 1.5, 0.0]);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn listed(values: impl IntoIterator<Item = f64>) -> Result<Self> {
        let values: Arc<[f64]> = values.into_iter().collect();
        if values.is_empty() { Err(Error::EmptyList) } else { Ok(Law::Listed(values)) }
    }

    /// Refuses a number of elements that the law's own matrix does not have.
    pub(crate) fn check(&self, elements: u64) -> Result<()> {
        let Law::Waves(waves) = self else { return Ok(()) };
        if !elements.is_multiple_of(waves.columns) {
            return Err(Error::NotAMatrix { elements, columns: waves.columns });
        }
        let rows = elements / waves.columns;
        if waves.by_row && rows != waves.waves.len() as u64 {
            return Err(Error::StructureMismatch { name: "rows", value: waves.waves.len() as u64, expected: rows });
        }
        dimension("rows", rows).map(drop)
    }

    /// Whether elements are random, and not given by their index alone.
    pub fn is_random(&self) -> bool {
        match *self {
            Law::Bits => true,
            Law::Constant(_) | Law::Listed(_) | Law::Waves(_) => false,
            Law::Uniform { low, high } => low != high,
            Law::Normal { std, .. } | Law::Tabulated { std, .. } => std != 0.0,
        }
    }

    /// `loc + scale · q(u)` without bounds, q the standardized quantile function.
    fn tabulated(name: impl Into<String>, quantile: impl Fn(f64, Tail) -> f64, loc: f64, scale: f64) -> Result<Self> {
        lower::finite("loc", loc)?;
        if scale == 0.0 {
            return Ok(Law::Constant(loc));
        }
        let table = Arc::new(QuantileTable::new(name, quantile)?);
        Ok(Law::Tabulated { table, mean: loc, std: scale, low: f64::NEG_INFINITY, high: f64::INFINITY })
    }

    /// The same tabulated law with samples inside `[low, high]`, which rounding could leave.
    fn within(self, low: f64, high: f64) -> Self {
        match self {
            Law::Tabulated { table, mean, std, .. } => Law::Tabulated { table, mean, std, low, high },
            law => law,
        }
    }

    /// The law's name in messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Law::Bits => "bits",
            Law::Constant(_) => "constant",
            Law::Uniform { .. } => "uniform",
            Law::Normal { .. } => "normal",
            Law::Tabulated { .. } => "tabulated",
            Law::Listed(_) => "listed",
            Law::Waves(_) => "waves",
        }
    }
}
