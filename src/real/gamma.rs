//! `lgamma`, for positive arguments.
//!
//! Between 1 and 2, ln gamma(x) = (x - 1) (x - 2) h(x) with smooth h, in pieces of width 1/8: the zeros at 1 and 2 are
//! exact, and so is the relative accuracy beside them. Elsewhere below 16 the recurrence (DLMF 5.5.1) leads there, with
//! the logarithm of one product, and from 16 on Stirling's series (DLMF 5.11.1) takes over.

use super::double::{Double, two_sum};
use super::error_function::polynomial;
use super::logarithm::log_of_pair;
use super::tables::gamma::{FACTOR, HALF_LN_TWO_PI, STIRLING};

/// See [`super::lgamma`].
pub(crate) fn lgamma(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 || x == f64::INFINITY {
        return f64::INFINITY;
    }
    if x < 1.0 {
        return below_one(x);
    }
    if x < 16.0 { by_recurrence(x) } else { by_stirling(x) }
}

/// `lgamma(x + 1) - log(x)`.
fn below_one(x: f64) -> f64 {
    let next = between(two_sum(1.0, x), Double::from(x), two_sum(x, -1.0));
    (next + -log_of_pair(Double::from(x))).hi
}

/// `lgamma(x - n) + log((x - n) ... (x - 1))` with x - n between 1 and 2.
fn by_recurrence(x: f64) -> f64 {
    let steps = x as i32 - 1;
    let base = x - f64::from(steps);
    let start = between(Double::from(base), Double::from(base - 1.0), Double::from(base - 2.0));
    if steps == 0 {
        return start.hi;
    }
    // Each x - k is exact.
    let product = (1..steps).fold(Double::from(base), |product, k| product * (x - f64::from(k)));
    (start + log_of_pair(product)).hi
}

/// `lgamma(x)` for x between 1 and 2, with x - 1 and x - 2.
fn between(x: Double, less_one: Double, less_two: Double) -> Double {
    let piece = ((x.hi - 1.0) * 8.0).min(7.0);
    let v = x + (-1.0625 - 0.125 * f64::from(piece as i32));
    polynomial(&FACTOR[piece as usize], 3, v) * less_one * less_two
}

/// `(x - 1/2) log(x) - x + log(2 pi) / 2 + 1 / (12 x) - ...`: after nine terms, 2^-75 at most is left from x = 16 on.
fn by_stirling(x: f64) -> f64 {
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let tail = inverse * STIRLING.iter().rev().fold(0.0, |sum, coefficient| sum * square + coefficient);
    // In units of 2^64 where the product of pairs would overflow.
    let unit = if x > 1e290 { 5.421010862427522e-20 } else { 1.0 };
    let main = log_of_pair(Double::from(x)) * two_sum(x * unit, -0.5 * unit) + -Double::from(x * unit);
    let rest = (Double::of(HALF_LN_TWO_PI) + tail).times(unit);
    (main + rest).hi / unit
}
