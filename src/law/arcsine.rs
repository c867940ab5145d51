//! The arcsine law: density 1 / (π √((x − low)(high − x))) on [low, high].

use super::{Law, lower};
use crate::error::Error;
use crate::error::Result;
use crate::law::table::quantile::Tail;

impl Law {
    /// The arcsine law on `[low, high]`: Beta(1/2, 1/2), stretched.
    ///
    /// # Errors
    /// [`Error::NotFinite`] and [`Error::InvalidBounds`] for such parameters.
    ///
    /// ```
    /// let moments = weightinit::Law::arcsine(-1.0, 1.0)?.moments();
    /// assert!(moments.mean.abs() < 1e-6 && (moments.variance - 0.5).abs() < 1e-5);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn arcsine(low: f64, high: f64) -> Result<Self> {
        lower::finite("low", low)?;
        lower::finite("high", high)?;
        if low > high {
            return Err(Error::InvalidBounds { low, high });
        }
        if low == high {
            return Ok(Law::Constant(low));
        }
        Self::tabulated("arcsine", quantile, low / 2.0 + high / 2.0, high / 2.0 - low / 2.0)
            .map(|law| law.within(low, high))
    }
}

/// From −1 to 1.
fn quantile(p: f64, tail: Tail) -> f64 {
    tail.sign() * libm::cos(std::f64::consts::PI * p)
}
