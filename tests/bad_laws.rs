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
        "samples reach 1e39, beyond the largest f32 value 3.4028234663852886e38; lower the scale or take a wider dtype"
    );
    assert_eq!(
        refused(Law::uniform(1.0001, 1.0002), DType::BF16),
        "no bf16 value lies inside [1.0001, 1.0002); widen the bounds or take a wider dtype"
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
    for (alpha, beta) in [(0.5, 1e8), (1e300, 2.0)] {
        let refused = Law::beta(alpha, beta).unwrap_err().to_string();
        assert!(refused.contains("cannot be tabulated: a shape is above 16777216"), "{refused}");
    }
}
