//! The Beta law: density ∝ x^(alpha − 1) (1 − x)^(beta − 1) on [0, 1].

use std::cell::OnceCell;

use crate::error::{LawError, Result};
use crate::law::check;
use crate::law::incomplete_beta::Incomplete;
use crate::law::law::{Family, Law};
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

/// The largest shape. The logarithm of the Beta function is a difference of logarithms as large as the shapes, so that
/// beyond this its error is as large as what tables may be off by, and later all of it.
const LARGEST_SHAPE: f64 = 16_777_216.0;

/// Steps of [`Incomplete`] that a table may take, which are 50 ms. More take shapes that are both above a million, and
/// those of which one is almost nothing beside the other or beside 1.
const MOST_STEPS: u64 = 1_900_000;

impl Law {
    /// The Beta law, by its quantile function.
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless both shapes are positive and finite; [`LawError::NotTabulable`] for
    /// shapes above 2^24 and others that the table cannot hold, or whose quantiles take too long.
    ///
    /// ```
    /// let moments = weightinit::Law::beta(2.0, 3.0)?.moments();
    /// assert!((moments.mean - 0.4).abs() < 1e-6 && (moments.variance - 0.04).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn beta(alpha: f64, beta: f64) -> Result<Self> {
        check::positive("alpha", alpha)?;
        check::positive("beta", beta)?;
        let name = || format!("Beta({alpha}, {beta})");
        if alpha.max(beta) > LARGEST_SHAPE {
            let reason = format!("a shape is above {LARGEST_SHAPE}, where f64 has too few digits for its quantiles");
            return Err(LawError::NotTabulable { law: name(), reason }.into());
        }
        let quantile = Beta::new(alpha, beta);
        Self::tabulated(Family("beta"), &[alpha, beta], name, quantile, 0.0, 1.0).map(|law| law.within(0.0, 1.0))
    }
}

/// The law from either end.
struct Beta {
    lower: Incomplete,
    /// 1 − x is Beta(beta, alpha).
    upper: Incomplete,
    /// What is nothing beside the law's spread.
    nothing: OnceCell<f64>,
}

impl Beta {
    fn new(alpha: f64, beta: f64) -> Self {
        let log_beta = real::lgamma(alpha) + real::lgamma(beta) - real::lgamma(alpha + beta);
        let (lower, upper) = (Incomplete::new(alpha, beta, log_beta), Incomplete::new(beta, alpha, log_beta));
        Self { lower, upper, nothing: OnceCell::new() }
    }

    fn each<const N: usize>(&self, p: [f64; N], tail: Tail) -> [f64; N] {
        match tail {
            Tail::Lower => self.lower.inverse(p),
            Tail::Upper => self.upper.inverse(p).map(|x| 1.0 - x),
        }
    }
}

impl Quantile for Beta {
    const IS_SMOOTH: bool = true;

    fn at(&self, p: f64, tail: Tail) -> f64 {
        let [quantile] = self.each([p], tail);
        quantile
    }

    fn at_nodes(&self, p: [f64; 4], tail: Tail) -> [f64; 4] {
        self.each(p, tail)
    }

    fn takes_too_long(&self) -> bool {
        self.lower.steps() + self.upper.steps() > MOST_STEPS
    }

    fn remedy(&self) -> &'static str {
        "take an alpha of at least 0.1"
    }

    fn least(&self) -> f64 {
        f32::MIN_POSITIVE.into()
    }

    fn near(&self, p: f64, tail: Tail, guess: f64) -> f64 {
        let spread = || self.at(0.25, Tail::Upper) - self.at(0.25, Tail::Lower);
        let nothing = *self.nothing.get_or_init(|| real::ldexp(spread(), -31));
        match tail {
            Tail::Lower => self.lower.inverse_near(p, guess, nothing),
            Tail::Upper => 1.0 - self.upper.inverse_near(p, 1.0 - guess, nothing),
        }
    }
}
