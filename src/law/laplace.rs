//! The Laplace law: density exp(−|x − loc| / scale) / (2 scale).

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

impl Law {
    /// Laplace's law (double exponential) with mean `loc` and standard deviation √2 · `scale`.
    ///
    /// # Errors
    /// [`LawError::NotFinite`] and [`LawError::NotPositive`] for such parameters.
    ///
    /// ```
    /// let moments = weightinit::Law::laplace(0.0, 0.5)?.moments();
    /// assert!((moments.variance - 0.5).abs() < 1e-5 && (moments.kurtosis - 6.0).abs() < 1e-3);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn laplace(loc: f64, scale: f64) -> Result<Self> {
        check::positive("scale", scale)?;
        Self::tabulated(Family("laplace"), &[], || "Laplace".to_owned(), quantile, loc, scale)
    }
}

fn quantile(p: f64, tail: Tail) -> f64 {
    tail.sign() * -real::log(2.0 * p)
}
