//! The standard normal law's tail, accurate to f64 as far out as it goes, and its inverse.

use crate::real;

/// ln √(2π).
const LOG_SQRT_TAU: f64 = 0.918_938_533_204_672_8;

/// ln Q(x), Q(x) = P(Z > x) for x ≥ 0, Z standard normal; −∞ at ∞.
pub(super) fn log_tail(x: f64) -> f64 {
    if x < 5.0 {
        return real::log(real::erfc(x * std::f64::consts::FRAC_1_SQRT_2) / 2.0);
    }
    if x == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    // Laplace's continued fraction, Q(x) = φ(x) / (x + 1/(x + 2/(x + …))) (Abramowitz and Stegun 26.2.14).
    let fraction = (1..=120).rev().fold(x, |tail, k| x + f64::from(k) / tail);
    -x * x / 2.0 - LOG_SQRT_TAU - real::log(fraction)
}

/// The x with Q(x) = `q`, for any q in (0, 1).
pub(super) fn inverse_tail(q: f64) -> f64 {
    if q <= 0.5 { inverse_log_tail(real::log(q)) } else { -inverse_log_tail(real::log(1.0 - q)) }
}

/// The x ≥ 0 with ln Q(x) = `target`, by Newton's method, which converges from anywhere since ln Q is concave.
pub(super) fn inverse_log_tail(target: f64) -> f64 {
    let mut x = f64::sqrt((-2.0 * (target + std::f64::consts::LN_2)).max(0.0));
    for _ in 0..60 {
        let log_q = log_tail(x);
        let hazard = real::exp(-x * x / 2.0 - LOG_SQRT_TAU - log_q);
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

    /// Values of scipy 1.x, `scipy.special.ndtri`.
    #[test]
    fn inverse_tails_are_those_of_scipy() {
        for (q, wanted) in [(0.025, 1.9599639845400545), (1e-10, 6.361340902404056), (1e-300, 37.0470962993612)] {
            let found = inverse_tail(q);
            assert!((found - wanted).abs() <= 4e-14 * wanted, "{found} {wanted}");
        }
    }
}
