//! The laws as data: an enum of distributions with their parameters.

use std::sync::Arc;

use crate::error::{Error, LawError, Result};
use crate::law::check::dimension;
use crate::law::table::quantile::QuantileTable;
use crate::law::wave::Waves;

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

/// Which law a table is of: two laws of one family differ in their parameters alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Family(pub(super) &'static str);

impl Family {
    /// Laws by a quantile function of the caller's, which have nothing in common.
    pub const OWN: Self = Self("quantile function of your own");

    /// The name in messages.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// A distribution with its parameters.
///
/// Parameters are checked where the law meets a type: in [`crate::Fill::new`].
///
/// ```
/// use weightinit::{DType, Fill, Law};
///
/// let fill = Fill::new("w", Law::uniform(-0.05, 0.05), DType::F32, 1000)?;
/// let samples = weightinit::cpu::values(&fill)?;
/// assert!(samples.iter().all(|x| x.abs() < 0.05 && *x != 0.0));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
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
        /// Which law that is.
        family: Family,
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

    /// Refuses a number of elements that the law's own matrix does not have.
    pub(crate) fn check(&self, elements: u64) -> Result<()> {
        let waves = match self {
            Law::Waves(waves) => waves,
            Law::Listed(values) if values.is_empty() => return Err(LawError::EmptyList.into()),
            _ => return Ok(()),
        };
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
        self.only_value().is_none() && !matches!(self, Law::Listed(_) | Law::Waves(_))
    }

    /// The value of all elements, where the parameters leave no other.
    pub(super) fn only_value(&self) -> Option<f64> {
        match *self {
            Law::Constant(value) => Some(value),
            Law::Uniform { low, high } if low == high => Some(low),
            Law::Normal { mean, std: 0.0, .. } => Some(mean),
            Law::Tabulated { mean, std, low, high, .. } if std == 0.0 || low == high => Some(mean.max(low).min(high)),
            _ => None,
        }
    }

    /// The law's name in messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Law::Bits => "bits",
            Law::Constant(_) => "constant",
            Law::Uniform { .. } => "uniform",
            Law::Normal { .. } => "normal",
            Law::Tabulated { family, .. } => family.name(),
            Law::Listed(_) => "listed",
            Law::Waves(_) => "waves",
        }
    }
}
