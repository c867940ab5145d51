//! Double-double arithmetic: a number as the unevaluated sum of two doubles, which carries about 104 bits.
//!
//! The error-free transforms are Knuth's sum (The Art of Computer Programming 2, 4.2.2, theorem B) and Dekker's product
//! (Numerische Mathematik 18, 1971); the bounds of the pair operations stand in Joldes, Muller and Popescu, "Tight and
//! rigorous error bounds for basic building blocks of double-word arithmetic" (ACM TOMS 44, 2017). Dekker's product
//! takes factors below 2^996, which the callers see to.

use core::ops::{Add, Mul, Neg};

/// The unevaluated sum of `hi` and `lo`, where `hi` is the sum rounded to nearest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Double {
    /// The leading part.
    pub(crate) hi: f64,
    /// The rest, at most half a unit in the last place of `hi`.
    pub(crate) lo: f64,
}

/// `a + b` rounded to nearest, and exactly what the rounding lost.
#[inline]
pub(crate) fn two_sum(a: f64, b: f64) -> Double {
    let hi = a + b;
    let of_b = hi - a;
    Double { hi, lo: (a - (hi - of_b)) + (b - of_b) }
}

/// As [`two_sum`], for `|a| >= |b|` or `a == 0`.
#[inline]
pub(crate) fn ordered_sum(a: f64, b: f64) -> Double {
    let hi = a + b;
    Double { hi, lo: b - (hi - a) }
}

/// `a` as the sum of two numbers of 26 bits.
#[inline]
fn split(a: f64) -> (f64, f64) {
    let scaled = 134_217_729.0 * a; // 2^27 + 1
    let high = scaled - (scaled - a);
    (high, a - high)
}

/// `a b` rounded to nearest, and exactly what the rounding lost.
#[inline]
pub(crate) fn two_product(a: f64, b: f64) -> Double {
    let hi = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let lo = a_low * b_low - (((hi - a_high * b_high) - a_low * b_high) - a_high * b_low);
    Double { hi, lo }
}

impl Double {
    /// The pair that a table of constants holds.
    #[inline]
    pub(crate) const fn of([hi, lo]: [f64; 2]) -> Self {
        Self { hi, lo }
    }

    /// One double.
    #[inline]
    pub(crate) const fn from(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }

    /// The square.
    #[inline]
    pub(crate) fn square(self) -> Self {
        let exact = two_product(self.hi, self.hi);
        ordered_sum(exact.hi, exact.lo + 2.0 * (self.hi * self.lo))
    }

    /// The quotient: two steps of long division. Relative error below 2^-101.
    #[inline]
    pub(crate) fn over(self, divisor: Self) -> Self {
        let first = self.hi / divisor.hi;
        let product = two_product(first, divisor.hi);
        let rest = (self.hi - product.hi) - product.lo + (self.lo - first * divisor.lo);
        ordered_sum(first, rest / divisor.hi)
    }

    /// `self + smaller` for |smaller| <= |self| (or a `self` of 0), where the two do not cancel.
    #[inline]
    pub(crate) fn with(self, smaller: Self) -> Self {
        let sum = ordered_sum(self.hi, smaller.hi);
        ordered_sum(sum.hi, sum.lo + (self.lo + smaller.lo))
    }

    /// Times a power of two, where nothing over- or underflows.
    #[inline]
    pub(crate) fn times(self, power: f64) -> Self {
        Self { hi: self.hi * power, lo: self.lo * power }
    }

    /// `self + small`, where `small` is much smaller.
    #[inline]
    pub(crate) fn nudged(self, small: f64) -> Self {
        ordered_sum(self.hi, self.lo + small)
    }

    /// `2^exponent` times this number, which is positive and near 1, rounded once: to the spacing of the subnormal
    /// numbers where the result is one.
    pub(crate) fn scaled(self, exponent: i32) -> f64 {
        if exponent > -1000 {
            return super::ldexp(self.hi, exponent);
        }
        if exponent < -1100 {
            return 0.0;
        }
        // At `coarse`, doubles are as far apart as subnormal numbers are at the result.
        let coarse = super::ldexp(1.0, 52 - 1074 - exponent);
        if coarse <= self.hi {
            return super::ldexp(self.hi, exponent);
        }
        super::ldexp(sum_of_three(coarse, self.hi, self.lo) - coarse, exponent)
    }
}

impl Add for Double {
    type Output = Self;

    /// Relative error below 2^-104, cancellation or not.
    #[inline]
    fn add(self, other: Self) -> Self {
        let (high, low) = (two_sum(self.hi, other.hi), two_sum(self.lo, other.lo));
        let sum = ordered_sum(high.hi, high.lo + low.hi);
        ordered_sum(sum.hi, sum.lo + low.lo)
    }
}

impl Add<f64> for Double {
    type Output = Self;

    #[inline]
    fn add(self, other: f64) -> Self {
        let high = two_sum(self.hi, other);
        ordered_sum(high.hi, high.lo + self.lo)
    }
}

impl Mul for Double {
    type Output = Self;

    /// Relative error below 2^-102.
    #[inline]
    fn mul(self, other: Self) -> Self {
        let exact = two_product(self.hi, other.hi);
        ordered_sum(exact.hi, exact.lo + (self.hi * other.lo + self.lo * other.hi))
    }
}

impl Mul<f64> for Double {
    type Output = Self;

    #[inline]
    fn mul(self, other: f64) -> Self {
        let exact = two_product(self.hi, other);
        ordered_sum(exact.hi, exact.lo + self.lo * other)
    }
}

impl Neg for Double {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

/// `a + b + c` with a single rounding, where each is much smaller than the one before.
///
/// The last two are first rounded to odd, which no later rounding to nearest turns the wrong way (Boldo and Melquiond,
/// "Emulation of FMA and correctly rounded sums", IEEE Transactions on Computers 57, 2008).
pub(crate) fn sum_of_three(a: f64, b: f64, c: f64) -> f64 {
    let high = two_sum(a, b);
    let low = two_sum(high.lo, c);
    let bits = low.hi.to_bits();
    let even = bits & 1 == 0;
    let odd = match (low.lo != 0.0 && even, (low.lo > 0.0) == (low.hi > 0.0)) {
        (false, _) => bits,
        (true, true) => bits + 1,
        (true, false) => bits - 1,
    };
    high.hi + f64::from_bits(odd)
}

#[cfg(test)]
mod tests {
    use super::super::power_of_two;
    use super::*;

    #[test]
    fn transforms_are_exact() {
        let sum = two_sum(1.0, power_of_two(-80));
        assert_eq!((sum.hi, sum.lo), (1.0, power_of_two(-80)));
        let near = 1.0 + f64::EPSILON;
        let product = two_product(near, near);
        assert_eq!((product.hi, product.lo), (1.0 + 2.0 * f64::EPSILON, f64::EPSILON * f64::EPSILON));
    }

    #[test]
    fn a_quotient_times_its_divisor() {
        let (a, b) = (Double { hi: 1.0, lo: power_of_two(-60) }, Double { hi: 3.0, lo: -power_of_two(-58) });
        let back = a.over(b) * b + -a;
        assert!(back.hi.abs() < power_of_two(-101), "{back:?}");
    }

    #[test]
    fn three_terms_round_once() {
        let half = f64::EPSILON / 2.0;
        assert_eq!(sum_of_three(1.0, half, 0.0), 1.0);
        assert_eq!(sum_of_three(1.0, half, power_of_two(-107)), 1.0 + f64::EPSILON);
        assert_eq!(sum_of_three(1.0 + f64::EPSILON, half, -power_of_two(-130)), 1.0 + f64::EPSILON);
    }

    #[test]
    fn subnormal_results_round_once() {
        // 3/2 units of the least subnormal number, and a little less.
        assert_eq!(Double { hi: 1.5, lo: 0.0 }.scaled(-1074).to_bits(), 2);
        assert_eq!(Double { hi: 1.5, lo: -power_of_two(-60) }.scaled(-1074).to_bits(), 1);
        assert_eq!(Double { hi: 1.0, lo: 0.0 }.scaled(-1075).to_bits(), 0);
        assert_eq!(Double { hi: 1.0, lo: power_of_two(-60) }.scaled(-1075).to_bits(), 1);
    }
}
