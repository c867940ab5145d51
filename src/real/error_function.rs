//! `erfc`: exp(-x^2) times the scaled function exp(x^2) erfc(x), which is smooth.
//!
//! The scaled function is a polynomial in u = (x - 15/4) / (x + 15/4), a change of variable after Shepherd and
//! Laframboise (Mathematics of Computation 36, 1981), here in pieces of width 1/8 and with the leading coefficients in
//! pairs.

use super::double::{Double, two_product, two_sum};
use super::exponential::parts;
use super::tables::error_function::SCALED;

/// See [`super::erfc`].
pub(crate) fn erfc(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 27.5 {
        return 0.0;
    }
    if x < -6.0 {
        return 2.0;
    }
    let (mantissa, exponent) = of_positive(x.abs());
    if x > 0.0 {
        return mantissa.scaled(exponent);
    }
    let mirrored = mantissa.times(super::power_of_two(exponent));
    (Double::from(2.0) + -mirrored).hi
}

/// `erfc(x)` for 0 <= x < 28 as a pair and an exponent.
fn of_positive(x: f64) -> (Double, i32) {
    let square = two_product(x, x);
    let (power, exponent) = parts(-square);
    (power * scaled(x), exponent)
}

/// `exp(x^2) erfc(x)` for 0 <= x < 28.
fn scaled(x: f64) -> Double {
    let u = two_sum(x, -3.75).over(two_sum(x, 3.75));
    let piece = ((u.hi + 1.0) * 8.0) as usize;
    let v = u + (0.9375 - 0.125 * piece as f64);
    polynomial(&SCALED[piece], 4, v)
}

/// The polynomial in `v` of which `row` holds `pairs` coefficients as pairs, the lowest first, and then the rest as
/// doubles.
#[inline]
pub(crate) fn polynomial<const N: usize>(row: &[f64; N], pairs: usize, v: Double) -> Double {
    let tail = row[2 * pairs..].iter().rev().fold(0.0, |sum, coefficient| sum * v.hi + coefficient);
    let start = Double::from(tail);
    row[..2 * pairs].chunks_exact(2).rev().fold(start, |sum, pair| Double::of([pair[0], pair[1]]).with(sum * v))
}
