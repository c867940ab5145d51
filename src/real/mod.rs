//! Elementary and special functions whose bits are the same on every machine and in every version.
//!
//! They are made of additions, subtractions, multiplications, divisions, comparisons, conversions and integer
//! operations, all of which IEEE 754 sets to the last bit, and of constants that stand in the source (`tables`, written
//! by `scripts/make/real_constants`). Neither the platform's mathematical library nor any other has a part in them.
//!
//! Inside, numbers are pairs of doubles (`double`). Relative errors, as measured, stay below 2^-104 in `exp` and
//! `expm1`, 2^-96 in `log`, `log1p` and `log2`, and 2^-91 in `sin`, `cos` and `tan`; `pow` lies between. Their results
//! are correctly rounded, save for arguments that a search would have to find. `erfc` and `lgamma` are within 0.501
//! units in the last place.
//!
//! Rust's targets all have this arithmetic but one kind: 32-bit x86 without SSE2, whose doubles are wider than IEEE's.

mod circular;
mod double;
mod error_function;
mod exponential;
mod gamma;
mod logarithm;
mod power;
mod tables;
#[cfg(test)]
mod tests;

/// `e^x`.
pub(crate) fn exp(x: f64) -> f64 {
    exponential::exp(x)
}

/// `e^x - 1`, accurate near 0.
pub(crate) fn expm1(x: f64) -> f64 {
    exponential::expm1(x)
}

/// The natural logarithm: NaN below 0, -infinity at 0.
pub(crate) fn log(x: f64) -> f64 {
    logarithm::log(x)
}

/// `log(1 + x)`, accurate near 0.
pub(crate) fn log1p(x: f64) -> f64 {
    logarithm::log1p(x)
}

/// The logarithm to base 2, exact at powers of two.
pub(crate) fn log2(x: f64) -> f64 {
    logarithm::log2(x)
}

/// `x^y`, with the special cases of IEEE 754: 1 wherever `y` is 0 or `x` is 1, NaN where `x` is negative and `y` no
/// integer.
pub(crate) fn pow(x: f64, y: f64) -> f64 {
    power::pow(x, y)
}

/// The sine of `x` radians, for `x` of every size; NaN at the infinities.
pub(crate) fn sin(x: f64) -> f64 {
    circular::sin(x)
}

/// The cosine of `x` radians, for `x` of every size; NaN at the infinities.
pub(crate) fn cos(x: f64) -> f64 {
    circular::cos(x)
}

/// The tangent of `x` radians, for `x` of every size; NaN at the infinities.
pub(crate) fn tan(x: f64) -> f64 {
    circular::tan(x)
}

/// The complementary error function, relatively accurate down to the least subnormal number.
pub(crate) fn erfc(x: f64) -> f64 {
    error_function::erfc(x)
}

/// The logarithm of the gamma function for `x >= 0`, relatively accurate beside its zeros 1 and 2; NaN below 0.
pub(crate) fn lgamma(x: f64) -> f64 {
    gamma::lgamma(x)
}

/// `x 2^n`, rounded once.
pub(crate) fn ldexp(x: f64, n: i32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let subnormal = x.abs() < f64::MIN_POSITIVE;
    let bits = if subnormal { x * 18_014_398_509_481_984.0 } else { x }.to_bits(); // 2^54
    let exponent = (bits >> 52 & 0x7ff) as i64 - if subnormal { 54 } else { 0 } + i64::from(n);
    let with = |exponent: i64| f64::from_bits(bits & !(0x7ff << 52) | (exponent as u64) << 52);
    match exponent {
        2047.. => with(1023) * f64::INFINITY,
        1..2047 => with(exponent),
        // A normal number 2^64 times too large: the product is rounded, once.
        -63..1 => with(exponent + 64) * 5.421010862427522e-20,
        _ => with(1023) * 0.0,
    }
}

/// `2^n` for -1022 <= n <= 1023.
#[inline]
fn power_of_two(n: i32) -> f64 {
    f64::from_bits(((n + 1023) as u64) << 52)
}
