//! The exponential law: density rate · exp(−rate · x) for x ≥ 0.

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

impl Law {
    /// The exponential law with mean and standard deviation 1 / `rate`.
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless `rate` is positive and finite.
    ///
    /// ```
    /// let moments = weightinit::Law::exponential(4.0)?.moments();
    /// assert!((moments.mean - 0.25).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn exponential(rate: f64) -> Result<Self> {
        check::positive("rate", rate)?;
        Self::tabulated(Family("exponential"), &[], || "exponential".to_owned(), quantile, 0.0, 1.0 / rate)
            .map(|law| law.within(0.0, f64::INFINITY))
    }
}

fn quantile(p: f64, tail: Tail) -> f64 {
    match tail {
        Tail::Lower => -real::log1p(-p),
        Tail::Upper => -real::log(p),
    }
}
