//! Laws and ranges that cannot be served are refused with the exact reason.

use weightinit::request::element_count;
use weightinit::{DType, Fill, Initializer, Law, Layout};

fn refused(law: Law, dtype: DType) -> String {
    Fill::new(0, law, dtype, 4).unwrap_err().to_string()
}

#[test]
fn parameters_that_are_no_numbers() {
    let nan = "parameter mean is NaN; it must be a finite number";
    assert_eq!(refused(Law::normal(f64::NAN, 1.0), DType::F32), nan);
    assert_eq!(
        refused(Law::uniform(f64::NEG_INFINITY, 1.0), DType::F32),
        "parameter low is -inf; it must be a finite number"
    );
    assert_eq!(refused(Law::Constant(f64::INFINITY), DType::F32), "parameter value is inf; it must be a finite number");
    assert_eq!(Law::truncated_normal(f64::NAN, 1.0, 0.0, 1.0).unwrap_err().to_string(), nan);
    assert_eq!(
        Law::truncated_normal(0.0, 1.0, 0.0, f64::NAN).unwrap_err().to_string(),
        "parameter upper is NaN; it must be a finite number"
    );
}

#[test]
fn scales_and_bounds() {
    let negative = "parameter std is -1.0; it must be finite and not negative";
    assert_eq!(refused(Law::normal(0.0, -1.0), DType::F32), negative);
    assert_eq!(Law::truncated_normal(0.0, -1.0, -2.0, 2.0).unwrap_err().to_string(), negative);
    assert_eq!(
        refused(Law::normal(0.0, f64::INFINITY), DType::F32),
        "parameter std is inf; it must be finite and not negative"
    );
    let reversed = "lower bound 1.0 is above upper bound -1.0; exchange them";
    assert_eq!(refused(Law::uniform(1.0, -1.0), DType::F32), reversed);
    assert_eq!(Law::truncated_normal(0.0, 1.0, 1.0, -1.0).unwrap_err().to_string(), reversed);
    assert_eq!(
        Initializer::xavier_normal(-1.0).law(&[4, 4], Layout::Torch).unwrap_err().to_string(),
        "parameter gain is -1.0; it must be finite and not negative"
    );
}

#[test]
fn types_that_cannot_hold_the_samples() {
    assert_eq!(
        refused(Law::normal(0.0, 1e4), DType::F16),
        "samples reach 66700.0, beyond the largest f16 value 65504.0; lower the scale or take a wider dtype"
    );
    assert_eq!(
        refused(Law::uniform(0.0, 1e39), DType::F32),
        "samples reach 1e39, beyond the largest f32 value 3.4028234663852886e38, and samples of every dtype, f64 too, \
         are numbers of f32; lower the scale"
    );
    assert_eq!(
        refused(Law::normal(0.0, 1e39), DType::F64),
        "samples reach 6.669999999999999e39, beyond the largest f32 value 3.4028234663852886e38, and samples of every \
         dtype, f64 too, are numbers of f32; lower the scale"
    );
    assert_eq!(
        refused(Law::uniform(1.0001, 1.0002), DType::BF16),
        "no value that bf16 samples can have lies between 1.0001 and 1.0002; widen the bounds, take another dtype, or \
         write one value by constant"
    );
    assert_eq!(refused(Law::Bits, DType::F32), "bits gives dtype u32, not f32; ask for dtype u32");
    assert_eq!(
        refused(Law::normal(0.0, 1.0), DType::U32),
        "normal gives a floating-point dtype, not u32; ask for a floating-point dtype"
    );
}

/// Subnormal numbers are flushed to 0 by some devices.
#[test]
fn magnitudes_that_would_differ_between_devices() {
    assert!(refused(Law::normal(0.0, 1e-30), DType::F32).starts_with("parameter std is 1e-30; below 1.29"));
    assert!(refused(Law::uniform(-1e-35, 1e-35), DType::F32).starts_with("parameter high is 1e-35; below 1.97"));
    assert!(refused(Law::normal(1e-33, 1.0), DType::F32).starts_with("parameter mean is 1e-33; below 9.8"));
    // What cannot be told from a constant is one.
    assert!(Fill::new(0, Law::uniform(1.0, 1.0 + 1e-12), DType::F32, 4).is_ok());
    assert!(Fill::new(0, Law::normal(3.0, 0.0), DType::F32, 4).is_ok());
}

/// Numbers between which a type has only 0, one rule for all that are below what is served.
#[test]
fn samples_that_can_only_be_0() {
    let subnormal = |name: &str, value: &str, least: &str| {
        format!(
            "parameter {name} is {value}; below {least} samples become subnormal numbers, which differ between devices"
        )
    };
    for dtype in [DType::F32, DType::BF16, DType::F64] {
        for (bound, text) in [(1e-38, "1e-38"), (1e-37, "1e-37"), (5e-324, "5e-324")] {
            let expected = subnormal("high", text, "1.9721522630525295e-31");
            assert_eq!(refused(Law::uniform(-bound, bound), dtype), expected);
            let expected = subnormal("high - low", text, "3.308722450212111e-24");
            assert_eq!(refused(Law::uniform(0.0, bound), dtype), expected);
        }
    }
    let only_0 = |low: &str, high: &str, dtype: &str, least: &str| {
        format!(
            "between {low} and {high} {dtype} samples can only be 0, as the least beside it is {least}; widen the \
             bounds, take another dtype, or write 0 by constant"
        )
    };
    let (f16, f8) = ("5.960464477539063e-8", "0.001953125");
    assert_eq!(refused(Law::uniform(-1e-9, 1e-9), DType::F16), only_0("-1e-9", "1e-9", "f16", f16));
    assert_eq!(refused(Law::uniform(0.0, 5e-8), DType::F16), only_0("0.0", "5e-8", "f16", f16));
    assert_eq!(refused(Law::normal(0.0, 4e-9), DType::F16), only_0("-2.668e-8", "2.668e-8", "f16", f16));
    let laplace = refused(Law::laplace(0.0, 1e-5).unwrap(), DType::F8E4M3);
    assert_eq!(laplace, only_0("-0.0002218070977791825", "0.0002218070977791825", "f8_e4m3", f8));
    assert!(Fill::new(0, Law::uniform(-1e-7, 1e-7), DType::F16, 4).is_ok());
    assert!(Fill::new(0, Law::normal(0.0, 1e-8), DType::F16, 4).is_ok());
}

/// Samples of f64 are numbers of f32: where those are too far apart, or many would be one of them.
#[test]
fn laws_that_f32_is_too_coarse_for() {
    assert_eq!(
        refused(Law::normal(1e9, 1.0), DType::F64),
        "samples of normal are numbers of f32, which near 1000000000.0 are 64.0 apart: too coarse for f64 where half \
         of them lie within 1.3489795003921636; move the law towards 0 and add the rest afterwards, or take dtype f32"
    );
    assert_eq!(
        refused(Law::uniform(1e8, 100_000_001.0), DType::F64),
        "samples of uniform on [100000000.0, 100000001.0) are numbers of f32, which near 100000001.0 are 8.0 apart: \
         too coarse for f64 where half of them lie within 0.5; move the law towards 0 and add the rest afterwards, or \
         take dtype f32"
    );
    for law in [
        Law::laplace(1e9, 1.0),
        Law::arcsine(1e8, 100_000_001.0),
        Law::log_uniform(1e8, 100_000_001.0),
        Law::truncated_normal(1e9, 1.0, 1e9 - 2.0, 1e9 + 2.0),
    ] {
        let law = law.unwrap();
        assert!(refused(law.clone(), DType::F64).contains("too coarse for f64"), "{law:?}");
        assert!(Fill::new(0, law, DType::F32, 4).is_ok());
    }
    // What is added to the mean is as coarse as that, whatever is left of both.
    let beyond = Law::truncated_normal(-1000.0, 1.0, 0.0, f64::INFINITY).unwrap();
    assert!(refused(beyond, DType::F32).ends_with("move the law's mean towards its samples"));
    assert_eq!(
        refused(Law::beta(1.0, 0.1).unwrap(), DType::F64),
        "more than 1 in 1024 samples of Beta(1, 0.1) would be 1.0, as f64 samples are numbers of f32; take parameters \
         that are less extreme, or dtype f32"
    );
    for law in [Law::normal(1.0, 1e-3), Law::uniform(1.0, 1.01), Law::arcsine(0.0, 1.0).unwrap()] {
        assert!(Fill::new(0, law, DType::F64, 4).is_ok());
    }
}

/// Parameters outside of what others leave them.
#[test]
fn parameters_out_of_range() {
    let refused = |law: weightinit::Result<Law>| law.unwrap_err().to_string();
    for law in [Law::laplace(0.0, 0.0), Law::logistic(0.0, 0.0), Law::gumbel(0.0, 0.0), Law::cauchy(0.0, 0.0, 0.1)] {
        assert_eq!(refused(law), "parameter scale is 0.0; it must be finite and above 0");
    }
    assert_eq!(
        refused(Law::triangular(0.0, 1.0, 2.0)),
        "parameter mode is 2.0; it must be from low to high, which are 0.0 and 1.0"
    );
    assert_eq!(refused(Law::triangular(1.0, 0.0, 0.5)), "lower bound 1.0 is above upper bound 0.0; exchange them");
    for (clip, text) in [(0.0, "0.0"), (0.5, "0.5"), (-1.0, "-1.0")] {
        assert_eq!(
            refused(Law::cauchy(0.0, 1.0, clip)),
            format!("parameter clip is {text}; it must be above 0, where samples would be infinite, and below 0.5")
        );
    }
}

/// Bounds that meet, or between which a type has nothing: refused, or the one value that is inside.
#[test]
fn bounds_without_a_value() {
    let nothing = |low: &str, high: &str, dtype: &str| {
        format!(
            "no value that {dtype} samples can have lies between {low} and {high}; widen the bounds, take another \
             dtype, or write one value by constant"
        )
    };
    assert_eq!(refused(Law::uniform(0.1, 0.1), DType::F32), nothing("0.1", "0.1", "f32"));
    assert_eq!(refused(Law::uniform(5e-324, 5e-324), DType::BF16), nothing("5e-324", "5e-324", "bf16"));
    let beyond = Law::log_uniform(465.0, 1e20).unwrap();
    assert_eq!(refused(beyond, DType::F8E4M3), nothing("465.0", "1e20", "f8_e4m3"));
    // f64 holds every value that is given, but its samples are computed in f32.
    let one = |law: Law, dtype| weightinit::cpu::values(&Fill::new(0, law, dtype, 4).unwrap()).unwrap()[3];
    assert_eq!(one(Law::uniform(0.1, 0.1), DType::F64), 0.1);
    assert_eq!(refused(Law::uniform(0.1, 0.1f64.next_up()), DType::F64), nothing("0.1", "0.10000000000000002", "f64"));
    assert_eq!(one(Law::arcsine(0.375, 0.375).unwrap(), DType::F8E4M3), 0.375);
    assert_eq!(one(Law::triangular(-0.0, 0.0, 0.0).unwrap(), DType::F16), 0.0);
    // Without a deviation it is the mean, or what is nearest to it inside the bounds.
    let law = |mean, low, high| Law::truncated_normal(mean, 0.0, low, high).unwrap();
    assert_eq!(one(law(5.0, -1.0, 0.1), DType::F16), 0.0999755859375);
    assert_eq!(one(law(5.0, -1.0, 0.1), DType::F64), 0.1);
    assert_eq!(law(0.25, -1.0, 0.5), Law::Constant(0.25));
    assert_eq!(refused(law(0.1, 0.0999, 0.1), DType::F8E4M3), nothing("0.0999", "0.1", "f8_e4m3"));
}

/// Bounds of a table that a caller makes are checked as others are.
#[test]
fn bounds_of_tables() {
    let Law::Tabulated { family, table, .. } = Law::laplace(0.0, 1.0).unwrap() else { panic!("a table") };
    let law = |mean, std, low, high| Law::Tabulated { family, table: table.clone(), mean, std, low, high };
    assert_eq!(
        refused(law(0.0, 1.0, f64::NAN, 1.0), DType::F8E4M3),
        "parameter low is NaN; it must be a finite number"
    );
    assert_eq!(
        refused(law(0.0, 1.0, 1.0, -1.0), DType::F32),
        "lower bound 1.0 is above upper bound -1.0; exchange them"
    );
    let beyond = law(5.0, 0.0, 0.0, 1.0);
    assert_eq!((beyond.moments().mean, beyond.cdf(0.5), beyond.cdf(1.0)), (1.0, Some(0.0), Some(1.0)));
    let fill = Fill::new(0, beyond, DType::F16, 4).unwrap();
    assert_eq!(weightinit::cpu::values(&fill).unwrap(), [1.0; 4]);
    // Formats of 8 bits saturate, but not what is no number of f32.
    assert!(Fill::new(0, law(0.0, 1e30, -1.0, 1.0), DType::F8E4M3, 4).is_ok());
    assert_eq!(
        refused(law(0.0, 1e39, -1.0, 1.0), DType::F8E4M3),
        "samples reach 2.218070977791825e40, beyond the largest f32 value 3.4028234663852886e38, and samples of every \
         dtype, f64 too, are numbers of f32; lower the scale"
    );
}

#[test]
fn shapes_and_ranges() {
    let none = "shape [3, 0] has no elements; every dimension must be at least 1";
    assert_eq!(element_count(&[3, 0], DType::F32).unwrap_err().to_string(), none);
    assert_eq!(Initializer::ones().law(&[3, 0], Layout::Keras).unwrap_err().to_string(), none);
    assert_eq!(
        element_count(&[1 << 32, 1 << 30], DType::F32).unwrap_err().to_string(),
        "shape [4294967296, 1073741824] has more elements than 64 bits can count in bytes of f32"
    );
    let fill = Fill::new(0, Law::Constant(1.0), DType::F32, 10).unwrap();
    assert_eq!(fill.range(7..11).unwrap_err().to_string(), "element range 7..11 is not a non-empty part of 0..10");
    assert!(fill.range(4..4).is_err());
    assert_eq!(
        weightinit::cpu::write(&fill, &mut [0; 39]).unwrap_err().to_string(),
        "the fill needs 40 bytes, the destination has 39; make it larger or fill a shorter range"
    );
}

#[test]
fn tables_that_cannot_meet_their_bound() {
    let refused = Law::truncated_normal(0.0, 1.0, 0.0, 1e-9).unwrap_err().to_string();
    assert!(refused.starts_with("the law normal truncated to [0, 0.000000001] cannot be tabulated:"), "{refused}");
    let refused = Law::beta(1e7, 1e7).unwrap_err().to_string();
    assert!(
        refused.ends_with("its quantiles take too long to find; take parameters that are less extreme"),
        "{refused}"
    );
    for (alpha, beta) in [(0.5, 1e8), (1e300, 2.0)] {
        let refused = Law::beta(alpha, beta).unwrap_err().to_string();
        assert!(refused.contains("cannot be tabulated: a shape is above 16777216"), "{refused}");
    }
}
