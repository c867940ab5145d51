//! The Gumbel law: distribution function exp(−exp(−(x − loc) / scale)), of largest values.

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

impl Law {
    /// Gumbel's law of largest values with mode `loc` and standard deviation π/√6 · `scale`.
    ///
    /// # Errors
    /// [`LawError::NotFinite`] and [`LawError::NotPositive`] for such parameters.
    ///
    /// ```
    /// // Its mean is Euler's constant.
    /// let moments = weightinit::Law::gumbel(0.0, 1.0)?.moments();
    /// assert!((moments.mean - 0.577_215_66).abs() < 1e-5);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn gumbel(loc: f64, scale: f64) -> Result<Self> {
        check::positive("scale", scale)?;
        Self::tabulated(Family("gumbel"), &[], || "Gumbel".to_owned(), quantile, loc, scale)
    }
}

fn quantile(p: f64, tail: Tail) -> f64 {
    match tail {
        Tail::Lower => -real::log(-real::log(p)),
        Tail::Upper => -real::log(-real::log1p(-p)),
    }
}
