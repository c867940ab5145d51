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
    -x * x / 2.0 - LOG_SQRT_TAU - real::log(laplace_fraction(x))
}

/// Laplace's continued fraction φ(x) / Q(x) = x + 1/(x + 2/(x + …)) (Abramowitz and Stegun 26.2.14) from its 120th
/// term on, for x ≥ 5.
fn laplace_fraction(x: f64) -> f64 {
    // What the terms from the 27th on come to is at least x and at most this. Each further step grows or falls with
    // what it takes, rounding too: where the two ends meet, whatever is between them gives the same, to the last bit.
    let (mut least, mut most) = (x, x + 27.0 / x);
    for k in (1..=26).rev() {
        (least, most) = (x + f64::from(k) / most, x + f64::from(k) / least);
    }
    if least == most { least } else { (1..=120).rev().fold(x, |tail, k| x + f64::from(k) / tail) }
}

/// The x with Q(x) = `q`, for any q in (0, 1).
pub(super) fn inverse_tail(q: f64) -> f64 {
    if q <= 0.5 { inverse_log_tail(real::log(q)) } else { -inverse_log_tail(real::log(1.0 - q)) }
}

/// The x ≥ 0 with ln Q(x) = `target`, by Newton's method, which converges from anywhere since ln Q is concave.
pub(super) fn inverse_log_tail(target: f64) -> f64 {
    let mut x = f64::sqrt((-2.0 * (target + std::f64::consts::LN_2)).max(0.0));
    for _ in 0..60 {
        let step = newton_step(target, x);
        x = (x + step).max(0.0);
        if step.abs() <= 1e-15 * x.max(1e-3) {
            break;
        }
    }
    x
}

/// How far it is from `x` to where ln Q is `target`, by the tangent.
fn newton_step(target: f64, x: f64) -> f64 {
    let log_q = log_tail(x);
    let hazard = real::exp(-x * x / 2.0 - LOG_SQRT_TAU - log_q);
    (log_q - target) / hazard
}

/// The x with ln Q(x) = `target` by one step from a guess, if the step is so short that the tangent is as good as the
/// function: what the step leaves is less than a thousandth of it.
pub(super) fn near_log_tail(target: f64, guess: f64) -> Option<f64> {
    let step = newton_step(target, guess);
    (step.abs() < 0.001).then_some(guess + step)
}

/// The x with Q(x) = `q` in the same way.
pub(super) fn near_tail(q: f64, guess: f64) -> Option<f64> {
    if q <= 0.5 { near_log_tail(real::log(q), guess) } else { near_log_tail(real::log(1.0 - q), -guess).map(|x| -x) }
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
            let near = near_tail(q, wanted + 1e-7).unwrap();
            assert!((near - wanted).abs() <= 1e-13 * wanted, "{near} {wanted}");
        }
        assert_eq!(near_tail(0.025, 3.0), None);
    }

    /// The shortened fraction has the bits of the whole one.
    #[test]
    #[cfg_attr(miri, ignore = "minutes")]
    fn the_fraction_is_that_of_120_terms() {
        for step in 0..40_000 {
            let x = 5.0 * real::exp(f64::from(step) / 4000.0);
            let whole = (1..=120).rev().fold(x, |tail, k| x + f64::from(k) / tail);
            assert_eq!(laplace_fraction(x).to_bits(), whole.to_bits(), "{x}");
        }
    }
}
