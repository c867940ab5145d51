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
        let name = || "arcsine".to_owned();
        let law = if low == 0.0 || high == 0.0 {
            // From 0 on, beside which samples are right relative to their size.
            let zero = if low == 0.0 { Tail::Lower } else { Tail::Upper };
            let sign = zero.other().sign();
            let quantile = |p, tail| sign * from_0(p, tail == zero);
            Self::tabulated(Family("arcsine"), &[sign], name, quantile, 0.0, high - low)
        } else {
            Self::tabulated(Family("arcsine"), &[], name, quantile, low / 2.0 + high / 2.0, high / 2.0 - low / 2.0)
        };
        law.map(|law| law.within(low, high))
    }
}

/// From −1 to 1.
fn quantile(p: f64, tail: Tail) -> f64 {
    tail.sign() * real::cos(std::f64::consts::PI * p)
}

/// From 0 to 1: the square of the sine, or of the cosine, of half of π p.
fn from_0(p: f64, is_near: bool) -> f64 {
    let angle = std::f64::consts::FRAC_PI_2 * p;
    let root = if is_near { real::sin(angle) } else { real::cos(angle) };
    root * root
}
