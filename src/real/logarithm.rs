//! `log`, `log1p`, `log2`, and the logarithm of a pair that `pow` and `lgamma` go through.
//!
//! Table-driven reduction after Tang (ACM TOMS 16, 1990), with two tables: the significand m, between sqrt(1/2) and
//! sqrt(2), is multiplied by a number c with few bits that brings it near 1, exactly: log(m) = -log(c) + log1p(z) with
//! z = m c - 1 below 2^-13. Near 1, c is 1, and the result keeps its relative accuracy.

use super::double::{Double, ordered_sum, sum_of_three, two_product, two_sum};
use super::exponential::TINY;
use super::tables::logarithm::{COARSE, FINE, INVERSE_LN_2, LN_2, THIRD};

/// See [`super::log`].
pub(crate) fn log(x: f64) -> f64 {
    if let Some(special) = special(x) {
        return special;
    }
    if (x - 1.0).abs() < TINY {
        return log1p_of_tiny(x - 1.0);
    }
    log_of_pair(Double::from(x)).hi
}

/// See [`super::log1p`].
pub(crate) fn log1p(x: f64) -> f64 {
    if x.abs() < TINY {
        return log1p_of_tiny(x);
    }
    // 1 / x is lost beside the logarithm from 2^110 on.
    if x > 1.298074214633707e33 {
        return log(x);
    }
    let sum = two_sum(1.0, x);
    special(sum.hi).unwrap_or_else(|| log_of_pair(sum).hi)
}

/// See [`super::log2`].
pub(crate) fn log2(x: f64) -> f64 {
    if let Some(special) = special(x) {
        return special;
    }
    let (exponent, significand) = normalized(x);
    let log = log_of_significand(significand, 0.0) * Double::of(INVERSE_LN_2);
    (two_sum(exponent, log.hi).nudged(log.lo)).hi
}

/// What `log` gives where there is no finite logarithm.
#[inline]
fn special(x: f64) -> Option<f64> {
    if x > 0.0 && x < f64::INFINITY {
        return None;
    }
    Some(if x == 0.0 {
        f64::NEG_INFINITY
    } else if x < 0.0 {
        f64::NAN
    } else {
        x
    })
}

/// `x - x^2 / 2 + x^3 / 3` (DLMF 4.6.1): the second term may lie halfway between two results, and then the third
/// decides.
fn log1p_of_tiny(x: f64) -> f64 {
    // Everything but x is lost in the rounding, save that it would turn -0.
    if x.abs() < 1e-20 {
        return x;
    }
    let square = two_product(x, -0.5 * x);
    sum_of_three(x, square.hi, square.lo + x * x * x * (1.0 / 3.0))
}

/// `log(x.hi + x.lo)` for finite `x.hi > 0`, where `x.lo` is 0 if `x.hi` is beyond 2^1000 or subnormal. Relative error
/// below 2^-96.
pub(crate) fn log_of_pair(x: Double) -> Double {
    let (exponent, significand) = normalized(x.hi);
    let low = if x.lo == 0.0 { 0.0 } else { x.lo * super::power_of_two(-(exponent as i32)) };
    let log = log_of_significand(significand, low);
    // The first two products are exact.
    let high = two_sum(exponent * LN_2[0], exponent * LN_2[1]);
    let sum = two_sum(high.hi, log.hi);
    let low = two_sum(sum.lo, high.lo);
    let sum = ordered_sum(sum.hi, low.hi);
    ordered_sum(sum.hi, sum.lo + (low.lo + (log.lo + exponent * LN_2[2])))
}

/// The exponent and the significand between sqrt(1/2) and sqrt(2).
#[inline]
pub(crate) fn normalized(x: f64) -> (f64, f64) {
    let (bits, subnormal) =
        if x < f64::MIN_POSITIVE { ((x * 18_014_398_509_481_984.0).to_bits(), 54) } else { (x.to_bits(), 0) };
    let significand = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000);
    let exponent = (bits >> 52) as i32 - 1023 - subnormal;
    if significand > core::f64::consts::SQRT_2 {
        return (f64::from(exponent + 1), 0.5 * significand);
    }
    (f64::from(exponent), significand)
}

/// `log(m + low)` for m between sqrt(1/2) and sqrt(2).
#[inline]
fn log_of_significand(m: f64, low: f64) -> Double {
    let [coarse, coarse_hi, coarse_lo] = COARSE[(m * 128.0 + 0.5) as usize - 90];
    let middle = (FINE.len() / 2) as f64 + 0.5;
    let [fine, fine_hi, fine_lo] = FINE[((m * coarse - 1.0) * 8192.0 + middle) as usize];
    let inverse = coarse * fine; // 26 bits
    // 27 bits and 26 bits: both products are exact, and so is what remains after 1 is taken off.
    let m_high = f64::from_bits(m.to_bits() & !0x3ff_ffff);
    let z = two_sum(m_high * inverse - 1.0, (m - m_high) * inverse);
    let log = log1p_series(z.nudged(low * inverse));
    let table = two_sum(coarse_hi, fine_hi);
    let sum = two_sum(table.hi, log.hi);
    ordered_sum(sum.hi, sum.lo + (table.lo + (log.lo + (coarse_lo + fine_lo))))
}

/// `log(1 + z)` for |z| < 2^-13 (DLMF 4.6.1): the terms up to the third in pairs, the rest (2^-43 of the sum) in
/// doubles.
#[inline]
fn log1p_series(z: Double) -> Double {
    let square = z.square();
    let x = z.hi;
    let tail = -0.25 + x * (0.2 + x * (-1.0 / 6.0 + x * (1.0 / 7.0 - x * 0.125)));
    let factor = Double::from(-0.5).with(z * Double::of(THIRD)).nudged(square.hi * tail);
    z.with(square * factor)
}
