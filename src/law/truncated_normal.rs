//! The truncated normal law: normal conditioned on an interval, by its quantile function, accurate to f64 in both
//! tails.

use crate::error::{Error, Result};
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::normal_tail::{inverse_log_tail, inverse_tail, log_tail};
use crate::law::table::quantile::Tail;
use crate::real;

impl Family {
    /// [`Law::truncated_normal`].
    pub const TRUNCATED_NORMAL: Self = Self("truncated normal");
}

impl Law {
    /// Normal (mean, std) conditioned on `[lower, upper]`, which may be infinite on either side.
    ///
    /// `std` is that of the parent normal; what truncation leaves of it is [`Law::moments`].
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::InvalidScale`] and [`Error::InvalidBounds`] for such parameters;
    /// [`Error::NotTabulable`] if the interval is too narrow (under 2^-20 σ wide) for the table's error bound.
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// let law = Law::truncated_normal(0.0, 1.0, -2.0, 2.0)?;
    /// assert!((law.moments().variance.sqrt() - 0.87962566103423978).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn truncated_normal(mean: f64, std: f64, lower: f64, upper: f64) -> Result<Self> {
        check::finite("mean", mean)?;
        check::scale("std", std)?;
        if lower.is_nan() || upper.is_nan() {
            let (name, value) = if lower.is_nan() { ("lower", lower) } else { ("upper", upper) };
            return Err(Error::NotFinite { name, value });
        }
        if lower > upper {
            return Err(Error::InvalidBounds { low: lower, high: upper });
        }
        if std == 0.0 || lower == upper {
            return Ok(Law::Constant(mean.clamp(lower, upper)));
        }
        let [alpha, beta] = standard_bounds((lower - mean) / std, (upper - mean) / std);
        let name = || format!("normal truncated to [{alpha}, {beta}]");
        let quantile = |p, tail| quantile(alpha, beta, p, tail);
        let law = Self::tabulated(Family::TRUNCATED_NORMAL, &[alpha, beta], name, quantile, mean, std)?;
        Ok(law.within(lower, upper))
    }
}

/// The bounds of the standard normal. Absolute bounds of mean ± 2 std, every framework's default, come back from the
/// division with a rounding error, so that each of a model's tensors would have a table of its own.
fn standard_bounds(alpha: f64, beta: f64) -> [f64; 2] {
    let is_two_sigma = (alpha + 2.0).abs() < 1e-12 && (beta - 2.0).abs() < 1e-12;
    if is_two_sigma { [-2.0, 2.0] } else { [alpha, beta] }
}

/// The quantile function of the standard normal conditioned on `[alpha, beta]`, alpha <= beta.
fn quantile(alpha: f64, beta: f64, p: f64, tail: Tail) -> f64 {
    // Not where both are 0, as of bounds that are nothing beside the deviation: that is its own mirror.
    if alpha < 0.0 && beta <= 0.0 {
        let mirrored = if tail == Tail::Lower { Tail::Upper } else { Tail::Lower };
        return -quantile(-beta, -alpha, p, mirrored);
    }
    let x = if alpha >= 0.0 {
        // Everything in the upper tail: relative to Q(alpha), in logarithms, since Q underflows beyond 38 sigma.
        let log_alpha = log_tail(alpha);
        let beyond = real::exp(log_tail(beta) - log_alpha);
        let share = match tail {
            Tail::Lower => real::log1p(-p * (1.0 - beyond)),
            Tail::Upper => real::log(beyond + p * (1.0 - beyond)),
        };
        inverse_log_tail(log_alpha + share)
    } else {
        let (below, above) = (real::exp(log_tail(-alpha)), real::exp(log_tail(beta)));
        let inside = p * (1.0 - below - above);
        match tail {
            Tail::Lower => -inverse_tail(below + inside),
            Tail::Upper => inverse_tail(above + inside),
        }
    };
    x.clamp(alpha, beta)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy 1.x, `scipy.stats.truncnorm.ppf`.
    #[test]
    fn quantiles_are_those_of_scipy() {
        let close = |found: f64, wanted: f64| {
            assert!((found - wanted).abs() <= 4e-14 * wanted.abs().max(1.0), "{found} {wanted}");
        };
        close(quantile(-2.0, 2.0, 1e-9, Tail::Lower), -1.9999999823211216);
        close(quantile(-2.0, 2.0, 0.25, Tail::Lower), -0.639111910871273);
        close(quantile(-2.0, 2.0, 0.01, Tail::Upper), 1.8480835395913315);
        close(quantile(5.25, 9.0, 1e-9, Tail::Lower), 5.250000000184208);
        close(quantile(5.25, 9.0, 0.01, Tail::Upper), 6.042123242684235);
        close(quantile(-1.0, 5.0, 0.5, Tail::Lower), 0.20017331963207546);
        close(quantile(-1.0, 5.0, 0.01, Tail::Upper), 2.3904560618959456);
        close(quantile(0.5, 0.9, 0.25, Tail::Lower), 0.5905285203585641);
    }

    #[test]
    fn bounds_that_meet_are_the_sample() {
        assert_eq!(quantile(0.0, 0.0, 0.5, Tail::Lower), 0.0);
        assert_eq!(quantile(0.0, -0.0, 0.5, Tail::Upper), 0.0);
    }

    #[test]
    fn tails_meet_in_the_middle() {
        for (a, b) in
            [(-2.0, 2.0), (-1.0, 5.0), (0.5, 0.9), (5.25, 9.0), (40.0, 41.0), (-9.0, -5.25), (0.0, f64::INFINITY)]
        {
            let (lower, upper) = (quantile(a, b, 0.5, Tail::Lower), quantile(a, b, 0.5, Tail::Upper));
            assert!((lower - upper).abs() < 1e-12 * lower.abs().max(1.0), "[{a}, {b}]: {lower} {upper}");
            assert!(a <= lower && lower <= b);
        }
    }
}
