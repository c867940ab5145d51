//! The rounding of f32 to shorter types, for all patterns of bits.
//!
//! Promised are finite numbers that round to a finite value; types of 8 bits saturate, infinities too. No law gives
//! anything else: fills that could are refused.

use half::{bf16, f16};
use weightinit::DType;

use crate::documented::hold;
use crate::sweep::{Gathered, fewer, sweep};

const PATTERNS: u64 = 1 << 32;
/// Above the largest f16 by half a step: from here on magnitudes round to infinity.
const F16_END: f32 = 65520.0;

/// The patterns whose rounding was compared, those whose rounding is another one, and one of these.
#[derive(Default)]
struct Compared {
    count: u64,
    different: u64,
    example: Option<u32>,
}

impl Gathered for Compared {
    fn then(self, next: Self) -> Self {
        Self {
            count: self.count + next.count,
            different: self.different + next.different,
            example: self.example.or(next.example),
        }
    }
}

/// The value of a short format that is nearest to x, ties to even, by f64 arithmetic.
fn nearest(x: f32, bias: i32, mantissa: i32, max: f64) -> u32 {
    let magnitude = f64::from(x.abs()).min(max);
    let exponent = ((magnitude.to_bits() >> 52) as i32 - 1023).max(1 - bias);
    let steps = (magnitude * 2f64.powi(mantissa - exponent)).round_ties_even() as u32;
    // A carry of the mantissa runs into the exponent, which is what it should do.
    let sign = u32::from(x.is_sign_negative()) << 7;
    sign | ((((exponent + bias - 1) << mantissa) as u32) + steps)
}

/// What x should become, where that is promised.
fn wanted(dtype: DType, x: f32) -> Option<u32> {
    match dtype {
        DType::F16 => (x.abs() < F16_END).then(|| f16::from_f32(x).to_bits().into()),
        DType::BF16 => x.is_finite().then(|| bf16::from_f32(x).to_bits().into()),
        DType::F8E4M3 => (!x.is_nan()).then(|| nearest(x, 7, 3, 448.0)),
        DType::F8E5M2 => (!x.is_nan()).then(|| nearest(x, 15, 2, 57344.0)),
        _ => unreachable!("not rounded"),
    }
}

fn compare(count: u64, dtype: DType, round: impl Fn(f32) -> u64 + Sync) -> Compared {
    sweep(dtype.name(), count, |pattern, compared: &mut Compared| {
        let x = f32::from_bits(pattern);
        let Some(wanted) = wanted(dtype, x) else { return };
        let different = round(x) != u64::from(wanted);
        compared.count += 1;
        compared.different += u64::from(different);
        compared.example = compared.example.or(different.then_some(pattern));
    })
}

const TYPES: [DType; 4] = [DType::F16, DType::BF16, DType::F8E4M3, DType::F8E5M2];

#[test]
fn all_patterns_round_to_nearest_even() {
    for dtype in TYPES {
        let compared = compare(PATTERNS, dtype, |x| dtype.bits(x.into()));
        let claim = format!("{dtype}: patterns that round otherwise");
        hold(&[(&claim, compared.different.to_string(), compared.example.into_iter().collect())]);
        assert!(compared.count > PATTERNS / 65 / 2);
    }
}

#[test]
fn infinities_saturate_types_of_8_bits() {
    for dtype in [DType::F8E4M3, DType::F8E5M2] {
        assert_eq!(dtype.value(dtype.bits(f64::INFINITY)), dtype.max());
        assert_eq!(dtype.value(dtype.bits(f64::NEG_INFINITY)), -dtype.max());
    }
}

/// Truncation instead of rounding, and ties away from zero.
#[test]
fn wrong_roundings_are_found() {
    let truncated = compare(fewer(PATTERNS), DType::BF16, |x| u64::from(x.to_bits() >> 16));
    assert!(truncated.different > truncated.count / 3);
    for dtype in TYPES {
        let wrong = f32::from_bits(65 * 2_000_003);
        let one = compare(fewer(PATTERNS), dtype, |x| dtype.bits(x.into()) ^ u64::from(x.to_bits() == wrong.to_bits()));
        assert_eq!((one.different, one.example), (1, Some(wrong.to_bits())), "{dtype}");
    }
}
