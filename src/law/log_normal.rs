//! The log-normal law: the logarithm is normal (mu, sigma).

use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::normal_tail::inverse_tail;
use crate::law::table::quantile::Tail;
use crate::real;

impl Law {
    /// The law whose logarithm is normal with mean `mu` and standard deviation `sigma`.
    ///
    /// # Errors
    /// [`crate::Error::NotFinite`] and [`crate::Error::InvalidScale`] for such parameters;
    /// [`crate::Error::NotTabulable`] for a sigma that the table cannot hold.
    ///
    /// ```
    /// let moments = weightinit::Law::log_normal(0.0, 0.5)?.moments();
    /// assert!((moments.mean - 0.125f64.exp()).abs() < 1e-4);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn log_normal(mu: f64, sigma: f64) -> Result<Self> {
        check::finite("mu", mu)?;
        check::scale("sigma", sigma)?;
        let median = real::exp(mu);
        if sigma == 0.0 {
            return Ok(Law::Constant(median));
        }
        let quantile = |p: f64, tail: Tail| real::exp(tail.sign() * sigma * inverse_tail(p));
        let name = || format!("log-normal of sigma {sigma}");
        Self::tabulated(Family("log_normal"), &[sigma], name, quantile, 0.0, median)
            .map(|law| law.within(0.0, f64::INFINITY))
    }
}
