//! The law of the logarithm of what is uniform: decays of Mamba-2.

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

impl Law {
    /// The law of the logarithm of what is uniform on `[low, high]` (Dao and Gu, "Transformers are SSMs", 2024:
    /// `A_log`).
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless both bounds are positive and finite, [`LawError::InvalidBounds`] if
    /// they are reversed, [`LawError::NotTabulable`] for a ratio that the table cannot hold.
    ///
    /// ```
    /// let moments = weightinit::Law::log_of_uniform(1.0, 16.0)?.moments();
    /// assert!((moments.mean - (16.0 * 16f64.ln() / 15.0 - 1.0)).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn log_of_uniform(low: f64, high: f64) -> Result<Self> {
        check::positive("low", low)?;
        check::positive("high", high)?;
        check::bounds(low, high)?;
        if low == high {
            return Ok(Self::where_bounds_meet(real::log(low)));
        }
        let quantile = |p: f64, tail: Tail| match tail {
            Tail::Lower => real::log(low + (high - low) * p),
            Tail::Upper => real::log(high - (high - low) * p),
        };
        let name = || format!("logarithm of uniform on [{low}, {high}]");
        let law = Self::tabulated(Family("log_of_uniform"), &[low, high], name, quantile, 0.0, 1.0)?;
        Ok(law.within(real::log(low), real::log(high)))
    }
}
