//! The truncated normal law: normal conditioned on an interval, by its quantile function, accurate to f64 in both
//! tails.

use crate::error::{LawError, Result};
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::normal_tail::{inverse_log_tail, inverse_tail, log_tail, near_log_tail, near_tail};
use crate::law::table::quantile::QuantileTable;
use crate::law::table::tail::{Quantile, Tail};
use crate::law::table::{cache, parabola};
use crate::real;

/// Bounds this near to each other's opposites are symmetric but for rounding, which no sample shows.
const ASYMMETRY: f64 = 1e-9;

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
    /// [`LawError::NotFinite`], [`LawError::InvalidScale`] and [`LawError::InvalidBounds`] for such parameters;
    /// [`LawError::NotTabulable`] if the interval is too narrow (under 2^-20 σ wide) for the table's error bound.
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
            return Err(LawError::NotFinite { name, value }.into());
        }
        check::bounds(lower, upper)?;
        let nearest = mean.clamp(lower, upper);
        if lower == upper {
            return Ok(Self::where_bounds_meet(nearest));
        }
        let (mean, [alpha, beta]) = if std > 0.0 {
            (mean, standard_bounds((lower - mean) / std, (upper - mean) / std))
        } else {
            // One value, which some types round out of the bounds.
            if let Some(constant) = Self::constant_inside(nearest, lower, upper) {
                return Ok(constant);
            }
            (nearest, [f64::NEG_INFINITY, f64::INFINITY])
        };
        let name = || format!("normal truncated to [{alpha}, {beta}]");
        let table = cache::table(Family::TRUNCATED_NORMAL, &[alpha, beta], || {
            let quantile = Truncated::new(alpha, beta);
            let is_symmetric = (alpha + beta).abs() < ASYMMETRY;
            let parabolas = is_symmetric.then(|| parabola::table(name(), &quantile, parabola::AS_CUBICS)).flatten();
            parabolas.map_or_else(|| QuantileTable::of(name(), &quantile), Ok)
        })?;
        let std = std * table.unit();
        Ok(Self::of_table(Family::TRUNCATED_NORMAL, table, mean, std).within(lower, upper))
    }
}

/// The bounds of the standard normal. Absolute bounds of mean ± 2 std, every framework's default, come back from the
/// division with a rounding error, so that each of a model's tensors would have a table of its own.
fn standard_bounds(alpha: f64, beta: f64) -> [f64; 2] {
    let is_two_sigma = (alpha + 2.0).abs() < 1e-12 && (beta - 2.0).abs() < 1e-12;
    if is_two_sigma { [-2.0, 2.0] } else { [alpha, beta] }
}

/// The standard normal conditioned on `[alpha, beta]`, alpha <= beta.
pub(super) struct Truncated {
    alpha: f64,
    beta: f64,
    /// Whether it is the mirror image, for a law below 0.
    mirrored: bool,
    place: Place,
}

/// Where its probability lies.
enum Place {
    /// In the upper tail: ln Q(alpha), and Q(beta) as a share of Q(alpha), since Q underflows beyond 38 sigma.
    Tail { log_alpha: f64, beyond: f64 },
    /// On both sides of 0: what is cut off below and above.
    Middle { below: f64, above: f64 },
}

impl Truncated {
    pub(super) fn new(alpha: f64, beta: f64) -> Self {
        // Not where both are 0, as of bounds that are nothing beside the deviation: that is its own mirror.
        if alpha < 0.0 && beta <= 0.0 {
            return Self { mirrored: true, ..Self::new(-beta, -alpha) };
        }
        let place = if alpha >= 0.0 {
            let log_alpha = log_tail(alpha);
            Place::Tail { log_alpha, beyond: real::exp(log_tail(beta) - log_alpha) }
        } else {
            Place::Middle { below: real::exp(log_tail(-alpha)), above: real::exp(log_tail(beta)) }
        };
        Self { alpha, beta, mirrored: false, place }
    }

    /// In the tail as ln Q of the quantile, in the middle as its sign and Q of its size.
    fn target(&self, p: f64, tail: Tail) -> Target {
        let tail = if self.mirrored { tail.other() } else { tail };
        match self.place {
            Place::Tail { log_alpha, beyond } => Target::LogTail(
                log_alpha
                    + match tail {
                        Tail::Lower => real::log1p(-p * (1.0 - beyond)),
                        Tail::Upper => real::log(beyond + p * (1.0 - beyond)),
                    },
            ),
            Place::Middle { below, above } => {
                let cut = if tail == Tail::Lower { below } else { above };
                Target::Tail(tail.sign(), cut + p * (1.0 - below - above))
            }
        }
    }

    /// Inside the bounds, and turned back.
    fn placed(&self, x: f64) -> f64 {
        let x = x.clamp(self.alpha, self.beta);
        if self.mirrored { -x } else { x }
    }
}

/// What a quantile is found by.
enum Target {
    /// ln Q of it.
    LogTail(f64),
    /// Its sign, and Q of its size.
    Tail(f64, f64),
}

impl Quantile for Truncated {
    const IS_SMOOTH: bool = true;

    fn at(&self, p: f64, tail: Tail) -> f64 {
        self.placed(match self.target(p, tail) {
            Target::LogTail(log_q) => inverse_log_tail(log_q),
            Target::Tail(sign, q) => sign * inverse_tail(q),
        })
    }

    fn near(&self, p: f64, tail: Tail, guess: f64) -> f64 {
        let guess = if self.mirrored { -guess } else { guess };
        let near = match self.target(p, tail) {
            Target::LogTail(log_q) => near_log_tail(log_q, guess),
            Target::Tail(sign, q) => near_tail(q, sign * guess).map(|size| sign * size),
        };
        near.map_or_else(|| self.at(p, tail), |x| self.placed(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantile(alpha: f64, beta: f64, p: f64, tail: Tail) -> f64 {
        Truncated::new(alpha, beta).at(p, tail)
    }

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
