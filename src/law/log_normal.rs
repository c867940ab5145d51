//! The log-normal law: the logarithm is normal (mu, sigma).

use std::cell::RefCell;
use std::collections::HashMap;

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::normal_tail::{inverse_tail, log_tail, near_tail};
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

impl Law {
    /// The law whose logarithm is normal with mean `mu` and standard deviation `sigma`.
    ///
    /// # Errors
    /// [`LawError::NotFinite`] and [`LawError::InvalidScale`] for such parameters;
    /// [`LawError::NotTabulable`] for a sigma that the table cannot hold.
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
        let name = || format!("log-normal of sigma {sigma}");
        Self::tabulated(Family("log_normal"), &[sigma], name, LogNormal::new(sigma), 0.0, median)
            .map(|law| law.within(0.0, f64::INFINITY))
    }
}

/// The law of median 1.
struct LogNormal {
    sigma: f64,
    /// Probabilities up to this have quantiles that are nothing beside the law's spread, which is that of its logarithm
    /// or more.
    negligible: f64,
    /// The normal law's quantiles by the bits of p: both tails have the same.
    normal: RefCell<HashMap<u64, f64>>,
}

impl LogNormal {
    fn new(sigma: f64) -> Self {
        let least = real::ldexp(sigma.min(1.0), -31);
        let negligible = real::exp(log_tail(-real::log(least) / sigma));
        Self { sigma, negligible, normal: RefCell::default() }
    }
}

impl Quantile for LogNormal {
    const IS_SMOOTH: bool = true;

    fn at(&self, p: f64, tail: Tail) -> f64 {
        let z = *self.normal.borrow_mut().entry(p.to_bits()).or_insert_with(|| inverse_tail(p));
        real::exp(tail.sign() * self.sigma * z)
    }

    fn remedy(&self) -> &'static str {
        "take a sigma of at most 12"
    }

    fn near(&self, p: f64, tail: Tail, guess: f64) -> f64 {
        if tail == Tail::Lower && p <= self.negligible {
            return 0.0;
        }
        let slope = tail.sign() * self.sigma;
        let near = if guess > 0.0 { near_tail(p, real::log(guess) / slope) } else { None };
        near.map_or_else(|| self.at(p, tail), |z| real::exp(slope * z))
    }
}
