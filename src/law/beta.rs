//! The Beta law: density ∝ x^(alpha − 1) (1 − x)^(beta − 1) on [0, 1].

use crate::error::{Error, Result};
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::quantile::Tail;
use crate::real;

/// The largest shape. The logarithm of the Beta function is a difference of logarithms as large as the shapes, so that
/// beyond this its error is as large as what tables may be off by, and later all of it.
const LARGEST_SHAPE: f64 = 16_777_216.0;

impl Law {
    /// The Beta law, by its quantile function.
    ///
    /// # Errors
    /// [`crate::Error::NotPositive`] unless both shapes are positive and finite; [`crate::Error::NotTabulable`] for
    /// shapes above 2^24 and others that the table cannot hold.
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
            return Err(Error::NotTabulable { law: name(), reason });
        }
        let quantile = |p: f64, tail: Tail| match tail {
            Tail::Lower => quantile(alpha, beta, p),
            // 1 − x is Beta(beta, alpha).
            Tail::Upper => 1.0 - quantile(beta, alpha, p),
        };
        Self::tabulated(Family("beta"), &[alpha, beta], name, quantile, 0.0, 1.0).map(|law| law.within(0.0, 1.0))
    }
}

/// The x with I_x(a, b) = p, by Newton's method on the logarithm of x between bounds that close in.
fn quantile(a: f64, b: f64, p: f64) -> f64 {
    let log_beta = real::lgamma(a) + real::lgamma(b) - real::lgamma(a + b);
    let (mut low, mut high) = (f64::NEG_INFINITY, 0.0);
    // From the leading term at 0: I_x = x^a / (a B(a, b)).
    let mut log_x = ((real::log(p * a) + log_beta) / a).min(-1e-3);
    for _ in 0..200 {
        let x = real::exp(log_x);
        let excess = incomplete(a, b, x, log_beta) - p;
        if excess > 0.0 {
            high = log_x
        } else {
            low = log_x
        }
        // d I / d ln x = x^a (1 − x)^(b − 1) / B(a, b).
        let slope = real::exp(a * log_x + (b - 1.0) * real::log1p(-x) - log_beta);
        let newton = log_x - excess / slope;
        let next = if newton > low && newton < high {
            newton
        } else if low.is_finite() {
            (low + high) / 2.0
        } else {
            2.0 * log_x - 1.0
        };
        if (next - log_x).abs() <= 4e-16 * next.abs().max(1e-300) || next == log_x {
            break;
        }
        log_x = next;
    }
    real::exp(log_x)
}

/// The regularized incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22), evaluated by Lentz.
fn incomplete(a: f64, b: f64, x: f64, log_beta: f64) -> f64 {
    // On the side where it converges.
    if x > (a + 1.0) / (a + b + 2.0) {
        1.0 - continued_fraction(b, a, 1.0 - x, log_beta)
    } else {
        continued_fraction(a, b, x, log_beta)
    }
}

fn continued_fraction(a: f64, b: f64, x: f64, log_beta: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    const TINY: f64 = 1e-300;
    let front = real::exp(a * real::log(x) + b * real::log1p(-x) - log_beta) / a;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / guard(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..1000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / guard(1.0 + term * d);
            c = guard(1.0 + term / c);
            step = c * d;
            fraction *= step;
        }
        if (step - 1.0f64).abs() < 1e-16 {
            break;
        }
    }
    front * fraction
}
