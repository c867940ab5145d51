//! The normal law by its quantile function, in integer arithmetic: fewer instructions than the transform of Box and
//! Muller, and less exact.

use crate::error::{LawError, Result};
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::{cache, parabola};
use crate::law::truncated_normal::Truncated;

/// The largest error of a sample, relative to the larger of itself and the interquartile range.
const TOLERANCE: f64 = 1.0 / (1 << 20) as f64;

impl Family {
    /// [`Law::normal_quantile`].
    pub const NORMAL_QUANTILE: Self = Self("normal by quantiles");
}

impl Law {
    /// Normal (mean, std) by inversion, one word a sample: |z| ≤ 6.34, each z a multiple of 2^-22 within 8.5e-7 of the
    /// exact quantile of its word. It is for devices on which [`Law::normal`] is bound by arithmetic; its bits are
    /// others.
    ///
    /// # Errors
    /// [`LawError::NotFinite`] and [`LawError::InvalidScale`] for such parameters.
    ///
    /// ```
    /// use weightinit::{DType, Fill, Law, cpu};
    ///
    /// let fill = Fill::new("w", Law::normal_quantile(0.0, 0.02)?, DType::F32, 1 << 16)?;
    /// let samples = cpu::values(&fill)?;
    /// let variance = samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64;
    /// assert!((variance.sqrt() / 0.02 - 1.0).abs() < 0.02);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn normal_quantile(mean: f64, std: f64) -> Result<Self> {
        check::finite("mean", mean)?;
        check::scale("std", std)?;
        let table = cache::table(Family::NORMAL_QUANTILE, &[], || {
            let name = Family::NORMAL_QUANTILE.name();
            let quantile = Truncated::new(f64::NEG_INFINITY, f64::INFINITY);
            let table = parabola::table(name.to_owned(), &quantile, TOLERANCE);
            table.ok_or_else(|| {
                LawError::NotTabulable { law: name.to_owned(), reason: "it is too steep".to_owned() }.into()
            })
        })?;
        Ok(Self::of_table(Family::NORMAL_QUANTILE, table, mean, std))
    }
}
