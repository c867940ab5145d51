//! The logistic law: distribution function 1 / (1 + exp(−(x − loc) / scale)).

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

impl Law {
    /// The logistic law with mean `loc` and standard deviation π/√3 · `scale`.
    ///
    /// # Errors
    /// [`LawError::NotFinite`] and [`LawError::NotPositive`] for such parameters.
    ///
    /// ```
    /// let moments = weightinit::Law::logistic(1.0, 1.0)?.moments();
    /// assert!((moments.variance - std::f64::consts::PI.powi(2) / 3.0).abs() < 1e-4);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn logistic(loc: f64, scale: f64) -> Result<Self> {
        check::positive("scale", scale)?;
        Self::tabulated(Family("logistic"), &[], || "logistic".to_owned(), quantile, loc, scale)
    }
}

fn quantile(p: f64, tail: Tail) -> f64 {
    tail.sign() * (real::log1p(-p) - real::log(p))
}
