//! Special values: zeros, infinities, NaN, and the arguments without a result.

use super::super::*;

const INF: f64 = f64::INFINITY;

/// Equal bits, or both NaN.
#[track_caller]
fn same(found: f64, expected: f64) {
    assert!(
        found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan(),
        "{found:e}, not {expected:e}"
    );
}

#[test]
fn nan_in_nan_out() {
    for function in [exp, expm1, log, log1p, log2, sin, cos, tan, erfc, lgamma] {
        same(function(f64::NAN), f64::NAN);
    }
    same(ldexp(f64::NAN, 3), f64::NAN);
    same(pow(f64::NAN, 2.0), f64::NAN);
    same(pow(2.0, f64::NAN), f64::NAN);
}

#[test]
fn exponentials() {
    same(exp(-INF), 0.0);
    same(exp(INF), INF);
    same(exp(1e300), INF);
    same(exp(-1e300), 0.0);
    same(expm1(-INF), -1.0);
    same(expm1(INF), INF);
    same(expm1(710.0), INF);
    same(expm1(-0.0), -0.0);
}

#[test]
fn logarithms() {
    for function in [log, log2] {
        same(function(0.0), -INF);
        same(function(-0.0), -INF);
        same(function(-1.0), f64::NAN);
        same(function(-INF), f64::NAN);
        same(function(INF), INF);
        same(function(1.0), 0.0);
    }
    same(log1p(-1.0), -INF);
    same(log1p(-1.5), f64::NAN);
    same(log1p(-INF), f64::NAN);
    same(log1p(INF), INF);
    same(log1p(-0.0), -0.0);
    for exponent in -1074..1024 {
        same(log2(ldexp(1.0, exponent)), f64::from(exponent));
    }
}

#[test]
fn powers() {
    for x in [0.0, -0.0, 1.0, -3.5, INF, -INF, f64::NAN] {
        same(pow(x, 0.0), 1.0);
        same(pow(x, -0.0), 1.0);
        same(pow(1.0, x), 1.0);
    }
    for (x, odd, even) in [(0.0, 0.0, 0.0), (-0.0, -0.0, 0.0), (INF, INF, INF), (-INF, -INF, INF)] {
        same(pow(x, 3.0), odd);
        same(pow(x, 4.0), even);
        same(pow(x, 0.5), even);
        same(pow(x, INF), even);
        same(pow(x, -3.0), 1.0 / odd);
        same(pow(x, -4.0), 1.0 / even);
        same(pow(x, -0.5), 1.0 / even);
        same(pow(x, -INF), 1.0 / even);
    }
    same(pow(0.5, INF), 0.0);
    same(pow(-0.5, -INF), INF);
    same(pow(2.0, INF), INF);
    same(pow(-2.0, -INF), 0.0);
    same(pow(-1.0, INF), 1.0);
    same(pow(-2.0, 0.5), f64::NAN);
    same(pow(-2.0, 3.0), -8.0);
    same(pow(-2.0, -1.0), -0.5);
    same(pow(-1.0, 9_007_199_254_740_991.0), -1.0);
    same(pow(-1.0, 9_007_199_254_740_992.0), 1.0);
    same(pow(2.0, 1e300), INF);
    same(pow(0.9999999999999999, 1e300), 0.0);
    same(pow(1e300, 1e-300), 1.0);
    same(pow(-5e-324, 1.0), -5e-324);
}

#[test]
fn powers_that_are_exact() {
    for base in 1..2000u64 {
        same(pow(base as f64, 3.0), (base * base * base) as f64);
        same(pow((base * base) as f64, 0.5), base as f64);
        same(pow((base * base) as f64, 1.5), (base * base * base) as f64);
    }
    // 54 and more bits: a conversion rounds halves to even too.
    for base in (134_217_729..134_227_729u64).step_by(2) {
        same(pow(base as f64, 2.0), (base * base) as f64);
    }
}

#[test]
fn circular_functions() {
    for function in [sin, cos, tan] {
        same(function(INF), f64::NAN);
        same(function(-INF), f64::NAN);
    }
    same(sin(-0.0), -0.0);
    same(tan(-0.0), -0.0);
    for x in [1e-3, 0.5, 0.9, 2.0, 4.0, 5.5, 1e6, 1e200] {
        same(sin(-x), -sin(x));
        same(cos(-x), cos(x));
        same(tan(-x), -tan(x));
    }
}

#[test]
fn special_functions() {
    same(erfc(INF), 0.0);
    same(erfc(-INF), 2.0);
    same(erfc(-0.0), 1.0);
    same(lgamma(0.0), INF);
    same(lgamma(INF), INF);
    same(lgamma(-0.5), f64::NAN);
    same(lgamma(1.0), 0.0);
    same(lgamma(2.0), 0.0);
    same(lgamma(f64::MAX), INF);
}

#[test]
fn scaling() {
    same(ldexp(-0.0, 5000), -0.0);
    same(ldexp(-INF, -5000), -INF);
    same(ldexp(1.0, i32::MAX), INF);
    same(ldexp(-1.0, i32::MIN), -0.0);
    same(ldexp(5e-324, 2097), f64::from_bits(2046 << 52));
    same(ldexp(f64::from_bits(2046 << 52), -2097), 5e-324);
    same(ldexp(1.5, -1074), 1e-323);
    same(ldexp(1.25, -1074), 5e-324);
    same(ldexp(1.0, -1075), 0.0);
    same(ldexp(1.0000000000000002, -1075), 5e-324);
    same(ldexp(f64::MAX, -2098), 5e-324);
    same(ldexp(-3.0, 4), -48.0);
}
