//! The truncated normal law's quantile function, accurate to f64 in both tails, and its table.

use std::sync::{Arc, OnceLock};

use crate::error::Result;
use crate::law::table::quantile::{QuantileTable, Tail};

/// ln √(2π).
const LOG_SQRT_TAU: f64 = 0.918_938_533_204_672_8;

/// The table of the standard normal conditioned on `[alpha, beta]`.
pub(super) fn table(alpha: f64, beta: f64) -> Result<Arc<QuantileTable>> {
    // Every framework's default truncation; built once, since a model asks for it with each of its tensors.
    static TWO_SIGMA: OnceLock<Arc<QuantileTable>> = OnceLock::new();
    // Absolute bounds of mean ± 2 std come back from the division with a rounding error.
    let is_two_sigma = (alpha + 2.0).abs() < 1e-12 && (beta - 2.0).abs() < 1e-12;
    if is_two_sigma && let Some(table) = TWO_SIGMA.get() {
        return Ok(Arc::clone(table));
    }
    let (alpha, beta) = if is_two_sigma { (-2.0, 2.0) } else { (alpha, beta) };
    let name = format!("normal truncated to [{alpha}, {beta}]");
    let built = Arc::new(QuantileTable::new(name, |p, tail| quantile(alpha, beta, p, tail))?);
    Ok(if is_two_sigma { Arc::clone(TWO_SIGMA.get_or_init(|| built)) } else { built })
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
        let beyond = libm::exp(log_tail(beta) - log_alpha);
        let share = match tail {
            Tail::Lower => libm::log1p(-p * (1.0 - beyond)),
            Tail::Upper => libm::log(beyond + p * (1.0 - beyond)),
        };
        inverse_log_tail(log_alpha + share)
    } else {
        let (below, above) = (libm::exp(log_tail(-alpha)), libm::exp(log_tail(beta)));
        let inside = p * (1.0 - below - above);
        match tail {
            Tail::Lower => -inverse_tail(below + inside),
            Tail::Upper => inverse_tail(above + inside),
        }
    };
    x.clamp(alpha, beta)
}

/// ln Q(x), Q(x) = P(Z > x) for x ≥ 0, Z standard normal; −∞ at ∞.
fn log_tail(x: f64) -> f64 {
    if x < 5.0 {
        return libm::log(libm::erfc(x * std::f64::consts::FRAC_1_SQRT_2) / 2.0);
    }
    if x == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    // Laplace's continued fraction, Q(x) = φ(x) / (x + 1/(x + 2/(x + …))) (Abramowitz and Stegun 26.2.14).
    let fraction = (1..=120).rev().fold(x, |tail, k| x + f64::from(k) / tail);
    -x * x / 2.0 - LOG_SQRT_TAU - libm::log(fraction)
}

/// The x with Q(x) = `q`, for any q in (0, 1).
pub(super) fn inverse_tail(q: f64) -> f64 {
    if q <= 0.5 { inverse_log_tail(libm::log(q)) } else { -inverse_log_tail(libm::log(1.0 - q)) }
}

/// The x ≥ 0 with ln Q(x) = `target`, by Newton's method, which converges from anywhere since ln Q is concave.
fn inverse_log_tail(target: f64) -> f64 {
    let mut x = libm::sqrt((-2.0 * (target + std::f64::consts::LN_2)).max(0.0));
    for _ in 0..60 {
        let log_q = log_tail(x);
        let hazard = libm::exp(-x * x / 2.0 - LOG_SQRT_TAU - log_q);
        let step = (log_q - target) / hazard;
        x = (x + step).max(0.0);
        if step.abs() <= 1e-15 * x.max(1e-3) {
            break;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy 1.x, `scipy.special.ndtri` and `scipy.stats.truncnorm.ppf`.
    #[test]
    fn quantiles_are_those_of_scipy() {
        let close = |found: f64, wanted: f64| {
            assert!((found - wanted).abs() <= 4e-14 * wanted.abs().max(1.0), "{found} {wanted}");
        };
        close(inverse_tail(0.025), 1.9599639845400545);
        close(inverse_tail(1e-10), 6.361340902404056);
        close(inverse_tail(1e-300), 37.0470962993612);
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
