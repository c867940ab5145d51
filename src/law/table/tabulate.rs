//! Which table a quantile function gets: of errors relative to the law's spread, or to each sample.

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::table::logarithmic;
use crate::law::table::quantile::QuantileTable;
use crate::law::table::tail::{Quantile, Tail};

impl QuantileTable {
    /// Tabulates `quantile(p, tail)`, p in (0, 1/2], a function that is monotone over both tails.
    ///
    /// Where more than one value in a million is almost 0, the cubics are right relative to |q| alone, and the table
    /// may be in another unit: a law's `std` is then its scale times [`QuantileTable::unit`].
    ///
    /// # Errors
    /// [`LawError::NotTabulable`] if a value is not finite or below 2^-20 everywhere, or if the cubics miss the
    /// function by more than 2^-21 of the larger of |q| and the interquartile range, or by more than 2^-17 of |q| where
    /// values are almost 0.
    pub fn new(name: impl Into<String>, quantile: impl Fn(f64, Tail) -> f64) -> Result<Self> {
        Self::of(name.into(), &quantile)
    }

    /// The table of a function that may know shorter ways; where many samples are almost 0, one of relative errors,
    /// in units that such numbers fit.
    pub(crate) fn of(name: String, quantile: &impl Quantile) -> Result<Self> {
        let Some((end, are_many)) = logarithmic::end(quantile) else { return Self::plain(name, quantile) };
        if are_many {
            return logarithmic::table(name, quantile, end);
        }
        match Self::plain(name.clone(), quantile) {
            Ok(table) if !logarithmic::is_relative(&table, quantile, end) => {
                Ok(logarithmic::table(name, quantile, end).unwrap_or(table))
            }
            plain => plain,
        }
    }
}
