//! `pow`: exp(y log(x)) in pairs, and the cases that IEEE 754 (9.2.1) sets.

use super::double::{Double, ordered_sum, two_product};
use super::exponential::{TINY, exp_of_pair, parts};
use super::logarithm::{log_of_pair, normalized};

/// See [`super::pow`].
pub(crate) fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return x + y;
    }
    let (integer, odd) = integrality(y);
    let negative = x.is_sign_negative() && odd;
    let size = if x == 0.0 || x.is_infinite() || y.is_infinite() {
        limit(x.abs(), y)
    } else if x < 0.0 && !integer {
        f64::NAN
    } else {
        of_positive(x.abs(), y)
    };
    if negative { -size } else { size }
}

/// Whether `y` is an integer, and whether an odd one.
fn integrality(y: f64) -> (bool, bool) {
    if y.abs() >= 9_007_199_254_740_992.0 {
        return (true, false);
    }
    let whole = y as i64;
    (whole as f64 == y, whole as f64 == y && whole & 1 == 1)
}

/// The power where the base is 0 or infinite, or the exponent is infinite.
fn limit(x: f64, y: f64) -> f64 {
    if x == 1.0 {
        return 1.0;
    }
    if (x > 1.0) == (y > 0.0) { f64::INFINITY } else { 0.0 }
}

/// The power of a finite positive base.
fn of_positive(x: f64, y: f64) -> f64 {
    if x == 1.0 {
        return 1.0;
    }
    // IEEE operations are correctly rounded, also where the result is as near to halfway between doubles as 2^-105.
    if y == 1.0 {
        return x;
    } else if y == 2.0 {
        return x * x;
    } else if y == 0.5 {
        return x.sqrt();
    } else if y == -1.0 {
        return 1.0 / x;
    }
    // Beyond 2^65 every base but 1 over- or underflows, and below 2^-65 every power rounds to 1.
    let y = y.clamp(-36_893_488_147_419_103_232.0, 36_893_488_147_419_103_232.0);
    if y.abs() < 2.710505431213761e-20 {
        return 1.0;
    }
    near_power_of_two(x, y).unwrap_or_else(|| by_logarithm(x, y))
}

/// `exp(y log(x))`.
fn by_logarithm(x: f64, y: f64) -> f64 {
    let log = log_of_pair(Double::from(x)) * y;
    let few_bits = x.to_bits() & 0x1_ffff == 0;
    if few_bits && (TINY..745.0).contains(&log.hi.abs()) {
        let (mantissa, exponent) = parts(log);
        return without_noise(mantissa).scaled(exponent);
    }
    exp_of_pair(log)
}

/// The power of 2^e (1 + d) with tiny d, where y e is an integer: 2^(y e) (1 + y d + ...). The second term may lie
/// halfway between two results, and then what follows decides, far below the last bit of a pair.
fn near_power_of_two(x: f64, y: f64) -> Option<f64> {
    let (exponent, significand) = normalized(x);
    let turns = exponent * y;
    if (significand - 1.0).abs() > TINY || significand == 1.0 || turns.abs() > 1000.0 {
        return None;
    }
    let log = log_of_pair(Double::from(significand)) * y;
    let exact = two_product(exponent, y).lo == 0.0 && turns as i32 as f64 == turns;
    (exact && log.hi.abs() < TINY).then(|| super::ldexp(exp_of_pair(log), turns as i32))
}

/// A power that lies exactly halfway between two doubles (as 134217729^2 does) must be rounded to even, which noise in
/// the last bits of the pair would decide otherwise: it is rounded off, to 2^-83. Only bases of at most 36 bits have
/// such powers.
fn without_noise(mantissa: Double) -> Double {
    let coarse = 1.5 * 4.656612873077393e-10; // 1.5 * 2^-31: doubles there are 2^-83 apart
    ordered_sum(mantissa.hi, (mantissa.lo + coarse) - coarse)
}
