//! Golden values, special values, and order.

mod golden;
mod limits;

use super::*;

/// Every golden pair must come out to the bit.
#[track_caller]
fn assert_golden(name: &str, function: fn(f64) -> f64, pairs: &[[u64; 2]]) {
    for &[argument, expected] in pairs {
        let x = f64::from_bits(argument);
        let found = function(x);
        assert_eq!(found.to_bits(), expected, "{name}({x:e}) = {found:e}, not {:e}", f64::from_bits(expected));
    }
}

#[test]
fn exponentials_are_golden() {
    assert_golden("exp", exp, &golden::EXP);
    assert_golden("expm1", expm1, &golden::EXPM1);
}

#[test]
fn logarithms_are_golden() {
    assert_golden("log", log, &golden::LOG);
    assert_golden("log1p", log1p, &golden::LOG1P);
    assert_golden("log2", log2, &golden::LOG2);
}

#[test]
fn circular_functions_are_golden() {
    assert_golden("sin", sin, &golden::SIN);
    assert_golden("cos", cos, &golden::COS);
    assert_golden("tan", tan, &golden::TAN);
}

#[test]
fn special_functions_are_golden() {
    assert_golden("erfc", erfc, &golden::ERFC);
    assert_golden("lgamma", lgamma, &golden::LGAMMA);
}

#[test]
fn powers_are_golden() {
    for [x, y, expected] in golden::POW {
        let (x, y) = (f64::from_bits(x), f64::from_bits(y));
        assert_eq!(pow(x, y).to_bits(), expected, "pow({x:e}, {y:e}) = {:e}", pow(x, y));
    }
}

/// Doubles in a row at 2000 places between `from` and `to`: the function may not turn back.
fn assert_monotonic(name: &str, function: impl Fn(f64) -> f64, from: f64, to: f64) {
    for place in 0..2000 {
        let start = from + (to - from) * ((f64::from(place) + 0.5) * 0.6180339887498949 % 1.0);
        let values: Vec<f64> = (0..16).map(|k| function(f64::from_bits(start.to_bits() + k))).collect();
        assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "{name} near {start:e}: {values:?}");
    }
}

#[test]
fn order_is_kept() {
    assert_monotonic("exp", exp, 1e-3, 700.0);
    assert_monotonic("exp", |x| -exp(-x), 1e-3, 745.0);
    assert_monotonic("expm1", expm1, 1e-12, 2.0);
    assert_monotonic("log", log, 1e-3, 4.0);
    assert_monotonic("log2", log2, 0.5, 2.0);
    assert_monotonic("log1p", log1p, 1e-12, 3.0);
    assert_monotonic("sin", sin, 1e-6, 1.57);
    assert_monotonic("cos", |x| -cos(x), 1e-6, 3.125);
    assert_monotonic("tan", tan, 1e-6, 1.57);
    assert_monotonic("erfc", |x| -erfc(x), 1e-6, 27.3);
    assert_monotonic("erfc", |x| erfc(-x), 1e-6, 6.0);
    assert_monotonic("lgamma", |x| -lgamma(x), 1e-6, 1.46);
    assert_monotonic("lgamma", lgamma, 1.47, 40.0);
    assert_monotonic("pow", |x| pow(x, 2.5), 1e-3, 10.0);
    assert_monotonic("pow", |y| pow(1.5, y), 1e-3, 100.0);
}

#[test]
fn order_is_kept_across_pieces() {
    for step in 1..128 {
        let beside = |edge: f64| (0..16).map(move |k| f64::from_bits(edge.to_bits() - 8 + k));
        let kept = |values: Vec<f64>| values.windows(2).all(|pair| pair[0] <= pair[1]);
        let edge = f64::from(step) / 8.0;
        let (u, x) = (edge - 1.0, 1.0 + edge);
        assert!(kept(beside(x).map(lgamma).collect()) || x < 1.5, "lgamma near {x}");
        if u < 0.75 {
            let x = 3.75 * (1.0 + u) / (1.0 - u);
            assert!(kept(beside(x).map(|x| -erfc(x)).collect()), "erfc near {x}");
        }
        let middle = (f64::from(step) + 0.5) / 256.0;
        assert!(kept(beside(middle).map(sin).collect()), "sin near {middle}");
        let power = (f64::from(step) + 0.5) * core::f64::consts::LN_2 / 4096.0;
        assert!(kept(beside(power).map(exp).collect()), "exp near {power}");
        let bin = 1.0 + (f64::from(step) + 0.5) / 8192.0;
        assert!(kept(beside(bin).map(log).collect()), "log near {bin}");
    }
}
