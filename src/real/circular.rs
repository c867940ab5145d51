//! `sin`, `cos` and `tan`.
//!
//! The argument is reduced after Payne and Hanek (ACM SIGNUM Newsletter 18, 1983): the fraction of x 2 / pi is computed
//! from the bits of 2 / pi that matter, in integers, at every size of x alike. What remains, below pi / 4, is taken to
//! the nearest multiple of 1 / 256 by the sum formulas (DLMF 4.21.2) with a table, and five terms of the series (DLMF
//! 4.19.1) are enough.

use super::double::{Double, ordered_sum, sum_of_three, two_product};
use super::tables::circular::{HALF_PI, SINES, SIXTH, TWO_OVER_PI};

/// Below this, the series needs no table, and a rounding may hang on its third term.
const TINY: f64 = 7.62939453125e-6; // 2^-17

/// See [`super::sin`].
pub(crate) fn sin(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    if x.abs() < TINY {
        return of_tiny(x, -1.0 / 6.0, 1.0 / 120.0);
    }
    let (quadrant, rest) = reduced(x);
    sine_or_cosine(quadrant, rest)
}

/// See [`super::cos`].
pub(crate) fn cos(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    let (quadrant, rest) = reduced(x);
    sine_or_cosine(quadrant + 1, rest)
}

/// See [`super::tan`].
pub(crate) fn tan(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    if x.abs() < TINY {
        return of_tiny(x, 1.0 / 3.0, 2.0 / 15.0);
    }
    let (quadrant, rest) = reduced(x);
    let point = nearest(rest);
    let (sine, cosine) = (point.sine(), point.cosine());
    let size = if quadrant & 1 == 0 { sine.over(cosine).hi } else { -cosine.over(sine).hi };
    size * point.sign
}

/// `x + a x^3 + b x^5`, where `a` is a sixth's multiple.
fn of_tiny(x: f64, a: f64, b: f64) -> f64 {
    // Where the cube underflows it is lost beside x, which is also the result's sign at 0.
    if x.abs() < 1e-80 {
        return x;
    }
    let square = two_product(x, x);
    let multiple = if a < 0.0 { -1.0 } else { 2.0 };
    let cube = square * x * Double::of(SIXTH) * multiple;
    sum_of_three(x, cube.hi, cube.lo + square.hi * square.hi * x * b)
}

/// The nearest multiple of pi / 2 (modulo 4) and what remains, with a relative error below 2^-100.
fn reduced(x: f64) -> (u64, Double) {
    if x.abs() <= core::f64::consts::FRAC_PI_4 {
        return (0, Double::from(x));
    }
    let (quadrant, rest) = fraction(x.abs());
    let rest = rest * Double::of(HALF_PI);
    if x > 0.0 { (quadrant, rest) } else { (4 - quadrant, -rest) }
}

/// The nearest integer to 2 x / pi (modulo 4), and the difference, for x > 1 / 2.
fn fraction(x: f64) -> (u64, Double) {
    let bits = x.to_bits();
    let significand = bits & 0x000f_ffff_ffff_ffff | 0x0010_0000_0000_0000;
    // x = significand * 2^exponent: the bits of 2 / pi before position exponent - 2 contribute multiples of 4. The
    // table starts with 64 zeros.
    let exponent = (bits >> 52) as i32 - 1075;
    let start = (exponent - 2 + 64) as usize;
    let words = product(significand, window(start));
    // The first two bits are the quadrant, the 190 after them a fraction, here between -1/2 and 1/2.
    let quadrant = (words[0] >> 62) + (words[0] >> 61 & 1);
    let top = (u128::from(words[0]) << 64 | u128::from(words[1])) << 2 | u128::from(words[2] >> 62);
    let below = words[2] << 2 | words[3] >> 62;
    let negative = top >> 127 == 1;
    let (top, below) = if negative { (!top, !below) } else { (top, below) };
    let size = size_of(top, below);
    (quadrant & 3, if negative { -size } else { size })
}

/// 256 bits of 2 / pi from bit `start` of the table.
fn window(start: usize) -> [u64; 4] {
    let (word, shift) = (start / 64, start % 64);
    let at = |k: usize| {
        let pair = u128::from(TWO_OVER_PI[word + k]) << 64 | u128::from(TWO_OVER_PI[word + k + 1]);
        ((pair << shift) >> 64) as u64
    };
    [at(0), at(1), at(2), at(3)]
}

/// The low 256 bits of the product, the most significant word first.
fn product(factor: u64, words: [u64; 4]) -> [u64; 4] {
    let mut result = [0; 4];
    let mut carry = 0;
    for (word, result) in words.iter().zip(&mut result).rev() {
        let sum = u128::from(factor) * u128::from(*word) + u128::from(carry);
        *result = sum as u64;
        carry = (sum >> 64) as u64;
    }
    result
}

/// `top / 2^128 + below / 2^192` as a pair.
fn size_of(top: u128, below: u64) -> Double {
    let zeros = top.leading_zeros().min(63);
    let bits = if zeros == 0 { top } else { top << zeros | u128::from(below >> (64 - zeros)) };
    let unit = super::power_of_two(-128 - zeros as i32);
    // 53 bits, and the next 63: both fit signed integers, which convert fastest.
    let (high, low) = ((bits >> 75) as i64, (bits >> 12) as i64 & i64::MAX);
    ordered_sum(high as f64 * 37_778_931_862_957_161_709_568.0 * unit, low as f64 * 4096.0 * unit)
}

/// `sin(quadrant pi / 2 + rest)` for |rest| <= pi / 4.
#[inline]
fn sine_or_cosine(quadrant: u64, rest: Double) -> f64 {
    let point = nearest(rest);
    let size = if quadrant & 1 == 0 { point.sine().hi * point.sign } else { point.cosine().hi };
    if quadrant & 2 == 0 { size } else { -size }
}

/// A positive number as a multiple of 1 / 256 and a rest below 1 / 512.
struct Place {
    /// -1 where the number was negative and has been turned over, else 1.
    sign: f64,
    /// The sine of the multiple.
    sine: Double,
    /// The cosine of the multiple.
    cosine: Double,
    /// The cosine of the rest, less 1.
    up: Double,
    /// The sine of the rest.
    along: Double,
}

/// The point of `x`, |x| <= pi / 4.
#[inline]
fn nearest(x: Double) -> Place {
    let sign = 1f64.copysign(x.hi);
    let x = x.times(sign);
    let number = (x.hi * 256.0 + 0.5) as i32;
    let [sine, sine_lo, cosine, cosine_lo] = SINES[number as usize];
    let (up, along) = series(ordered_sum(x.hi - f64::from(number) / 256.0, x.lo));
    Place { sign, sine: Double::of([sine, sine_lo]), cosine: Double::of([cosine, cosine_lo]), up, along }
}

impl Place {
    #[inline]
    fn sine(&self) -> Double {
        self.sine.with(self.cosine * self.along + self.sine * self.up)
    }

    #[inline]
    fn cosine(&self) -> Double {
        self.cosine.with(self.cosine * self.up + -(self.sine * self.along))
    }
}

/// `cos(x) - 1` and `sin(x)` for |x| < 2^-8: the terms up to the third power in pairs, the rest (below 2^-40) in
/// doubles.
#[inline]
fn series(x: Double) -> (Double, Double) {
    let square = x.square();
    let s = square.hi;
    let up = ordered_sum(-0.5 * s, -0.5 * square.lo + s * s * (1.0 / 24.0 - s * (1.0 / 720.0 - s / 40320.0)));
    let factor = Double::of(SIXTH).nudged(-s * (1.0 / 120.0 - s * (1.0 / 5040.0 - s / 362_880.0)));
    let cube = square * factor * x;
    (up, x.with(-cube))
}
