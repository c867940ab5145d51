//! The arcsine law: density 1 / (π √((x − low)(high − x))) on [low, high].

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

impl Law {
    /// The arcsine law on `[low, high]`: Beta(1/2, 1/2), stretched.
    ///
    /// # Errors
    /// [`LawError::NotFinite`] and [`LawError::InvalidBounds`] for such parameters.
    ///
    /// ```
    /// let moments = weightinit::Law::arcsine(-1.0, 1.0)?.moments();
    /// assert!(moments.mean.abs() < 1e-6 && (moments.variance - 0.5).abs() < 1e-5);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn arcsine(low: f64, high: f64) -> Result<Self> {
        check::finite("low", low)?;
        check::finite("high", high)?;
        check::bounds(low, high)?;
        if low == high {
            return Ok(Self::where_bounds_meet(low));
        }
        Self::tabulated(
            Family("arcsine"),
            &[],
            || "arcsine".to_owned(),
            quantile,
            low / 2.0 + high / 2.0,
            high / 2.0 - low / 2.0,
        )
        .map(|law| law.within(low, high))
    }
}

/// From −1 to 1.
fn quantile(p: f64, tail: Tail) -> f64 {
    tail.sign() * real::cos(std::f64::consts::PI * p)
}
