//! The log-uniform law: density 1 / (x ln(high / low)) on [low, high].

use super::{Law, lower};
use crate::error::Error;
use crate::error::Result;
use crate::law::table::quantile::Tail;

impl Law {
    /// The law whose logarithm is uniform, on `[low, high]` (reciprocal law).
    ///
    /// # Errors
    /// [`Error::NotPositive`] unless both bounds are positive and finite, [`Error::InvalidBounds`] if they are reversed,
    /// [`Error::NotTabulable`] for a ratio that the table cannot hold.
    ///
    /// ```
    /// let moments = weightinit::Law::log_uniform(0.001, 0.1)?.moments();
    /// assert!((moments.mean - 0.099 / 100f64.ln()).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn log_uniform(low: f64, high: f64) -> Result<Self> {
        lower::positive("low", low)?;
        lower::positive("high", high)?;
        if low > high {
            return Err(Error::InvalidBounds { low, high });
        }
        if low == high {
            return Ok(Law::Constant(low));
        }
        let ratio = libm::log(low / high);
        let quantile = |p: f64, tail: Tail| match tail {
            Tail::Lower => libm::exp(ratio * (1.0 - p)),
            Tail::Upper => libm::exp(ratio * p),
        };
        let name = format!("log-uniform over {}", high / low);
        Self::tabulated(name, quantile, 0.0, high).map(|law| law.within(low, high))
    }
}
