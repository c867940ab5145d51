//! `exp`, `expm1`, and the exponential of a pair that `pow` and `erfc` go through.
//!
//! Table-driven reduction after Tang (ACM TOMS 15, 1989), with two tables: x = n ln 2 / 4096 + r, so that exp(x) = 2^(n
//! >> 12) 2^(i / 64) 2^(j / 4096) exp(r) with |r| < 2^-13, and six terms of the series (DLMF 4.2.19) are enough.

use super::double::{Double, ordered_sum, sum_of_three, two_product, two_sum};
use super::tables::exponential::{COARSE, FINE, SIXTH, STEP, STEPS_PER_UNIT};

/// Added to a number below 2^51, leaves it rounded to an integer in the low bits.
const TO_INTEGER: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// Below this, the series (`log1p`'s too) needs no table, and a rounding may hang on its third term.
pub(crate) const TINY: f64 = 9.313225746154785e-10; // 2^-30

/// See [`super::exp`].
pub(crate) fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    exp_of_pair(Double::from(x))
}

/// `exp(x.hi + x.lo)`, rounded.
pub(crate) fn exp_of_pair(x: Double) -> f64 {
    if x.hi > 710.0 {
        return f64::INFINITY;
    }
    if x.hi < -746.0 {
        return 0.0;
    }
    if x.hi.abs() < TINY {
        return sum_of_three(1.0, x.hi, x.lo + x.hi * x.hi * (0.5 + x.hi / 6.0));
    }
    let (mantissa, exponent) = parts(x);
    mantissa.scaled(exponent)
}

/// See [`super::expm1`].
pub(crate) fn expm1(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 710.0 {
        return f64::INFINITY;
    }
    if x < -100.0 {
        return -1.0;
    }
    if x.abs() < TINY {
        return expm1_of_tiny(x);
    }
    let (mantissa, exponent) = parts(Double::from(x));
    if exponent > 110 {
        return mantissa.scaled(exponent);
    }
    let one = -super::power_of_two(-exponent);
    super::ldexp((mantissa + Double::from(one)).hi, exponent)
}

/// `x + x^2 / 2 + x^3 / 6`: the second term may lie halfway between two results, and then the third decides.
fn expm1_of_tiny(x: f64) -> f64 {
    // Everything but x is lost in the rounding, save that it would turn -0.
    if x.abs() < 1e-20 {
        return x;
    }
    let square = two_product(x, 0.5 * x);
    sum_of_three(x, square.hi, square.lo + x * x * x * (1.0 / 6.0))
}

/// `exp(x)` as a pair between 1 and 2 (or a rounding beside) and an exponent, for |x| < 2^10. Relative error below
/// 2^-104, as measured.
pub(crate) fn parts(x: Double) -> (Double, i32) {
    let shifted = x.hi * STEPS_PER_UNIT + TO_INTEGER;
    let steps = shifted - TO_INTEGER;
    let number = shifted.to_bits() as i32;
    // Both products are exact, and the first difference is.
    let first = x.hi - steps * STEP[0];
    let second = two_sum(first, -(steps * STEP[1]));
    let rest = ordered_sum(second.hi, second.lo + (x.lo - steps * STEP[2]));
    let (i, j) = ((number >> 6 & 63) as usize, (number & 63) as usize);
    let power = Double::of(COARSE[i]) * Double::of(FINE[j]);
    (power.with(power * series(rest)), number >> 12)
}

/// `exp(r) - 1` for |r| < 2^-13: the terms up to the third in pairs, the rest (below 2^-56) in doubles.
#[inline]
fn series(r: Double) -> Double {
    let square = r.square();
    let tail = square.hi * (1.0 / 24.0 + r.hi * (1.0 / 120.0 + r.hi * (1.0 / 720.0)));
    let factor = Double::from(0.5).with(r * Double::of(SIXTH)).nudged(tail);
    r.with(square * factor)
}
