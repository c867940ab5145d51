//! Element types and their rounding: which values of a type lie inside a law's bounds.

use std::fmt;
use std::str::FromStr;

use crate::arithmetic::dtype::{store_bf16, store_f8_e4m3, store_f8_e5m2, store_f16, store_f32};
use crate::error::{Error, Result, named};

/// The type of the elements that a fill writes, little endian.
///
/// Elements are the f32 sample rounded to nearest even, or widened to f64; where rounding would leave a law's finite
/// bounds, the nearest value inside them. Types of 8 bits saturate at their largest value.
///
/// ```
/// use weightinit::DType;
///
/// assert_eq!("bf16".parse(), Ok(DType::BF16));
/// assert_eq!(DType::F32.size(), 4);
/// assert!("f8".parse::<DType>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// bfloat16: the upper half of a binary32.
    BF16,
    /// IEEE 754 binary64: f32 samples, widened. Constants are f64.
    F64,
    /// OCP 8-bit floating point with 4 bits of exponent, no infinity (`torch.float8_e4m3fn`).
    F8E4M3,
    /// OCP 8-bit floating point with 5 bits of exponent (`torch.float8_e5m2`).
    F8E5M2,
    /// Raw 32-bit words of the generator, for [`crate::Law::Bits`] only.
    U32,
}

impl DType {
    /// Every type, in the order in which errors list them.
    pub const ALL: [DType; 7] =
        [DType::F32, DType::F16, DType::BF16, DType::F64, DType::F8E4M3, DType::F8E5M2, DType::U32];

    /// The types that hold samples.
    pub const FLOATS: [DType; 6] = [DType::F32, DType::F16, DType::BF16, DType::F64, DType::F8E4M3, DType::F8E5M2];

    /// Bytes of one element.
    pub const fn size(self) -> u64 {
        match self {
            DType::F8E4M3 | DType::F8E5M2 => 1,
            DType::F16 | DType::BF16 => 2,
            DType::F32 | DType::U32 => 4,
            DType::F64 => 8,
        }
    }

    /// The name that [`FromStr`] reads: `f32`, `f16`, `bf16`, `f64`, `f8_e4m3`, `f8_e5m2` or `u32`.
    pub const fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::F64 => "f64",
            DType::F8E4M3 => "f8_e4m3",
            DType::F8E5M2 => "f8_e5m2",
            DType::U32 => "u32",
        }
    }

    /// The largest finite value (of f32 for [`DType::U32`], which holds no numbers).
    pub fn max(self) -> f64 {
        match self {
            DType::F32 | DType::U32 => f64::from(f32::MAX),
            DType::F16 => half::f16::MAX.to_f64(),
            DType::BF16 => half::bf16::MAX.to_f64(),
            DType::F64 => f64::MAX,
            DType::F8E4M3 => 448.0,
            DType::F8E5M2 => 57344.0,
        }
    }

    /// The bits of the largest finite value; greater magnitudes are infinite or no numbers.
    pub(crate) fn largest_bits(self) -> u32 {
        self.bits(self.max()) as u32
    }

    /// All bits of an element of up to 32 bits but the sign.
    pub(crate) fn magnitude_bits(self) -> u32 {
        u32::MAX >> (33 - 8 * self.size().min(4))
    }

    /// The type whose values samples take: f32 for f64, else the type itself.
    pub const fn sampled(self) -> Self {
        match self {
            DType::F64 => DType::F32,
            other => other,
        }
    }

    /// Largest relative error of a normal value's rounding from a real number.
    pub fn precision(self) -> f64 {
        let (_, mantissa) = self.format();
        libm::ldexp(1.0, -(mantissa as i32) - 1)
    }

    /// The smallest positive value that rounding can give.
    pub fn least(self) -> f64 {
        let (bias, mantissa) = self.format();
        libm::ldexp(1.0, 1 - bias as i32 - mantissa as i32)
    }

    /// Exponent bias and bits of mantissa.
    const fn format(self) -> (u32, u32) {
        match self {
            DType::F32 | DType::U32 => (127, 23),
            DType::F16 => (15, 10),
            DType::BF16 => (127, 7),
            DType::F64 => (1023, 52),
            DType::F8E4M3 => (7, 3),
            DType::F8E5M2 => (15, 2),
        }
    }

    /// The bits of a finite `value` rounded to f32 and then to the type, each to nearest even; of f64, its own.
    pub fn bits(self, value: f64) -> u64 {
        let short = value as f32;
        u64::from(match self {
            DType::F64 => return value.to_bits(),
            DType::F32 | DType::U32 => store_f32::encode(short),
            DType::F16 => store_f16::encode(short),
            DType::BF16 => store_bf16::encode(short),
            DType::F8E4M3 => store_f8_e4m3::encode(short),
            DType::F8E5M2 => store_f8_e5m2::encode(short),
        })
    }

    /// The value of an element's bits (for [`DType::U32`] the integer).
    pub fn value(self, bits: u64) -> f64 {
        match self {
            DType::F32 => f64::from(f32::from_bits(bits as u32)),
            DType::F16 => half::f16::from_bits(bits as u16).to_f64(),
            DType::BF16 => half::bf16::from_bits(bits as u16).to_f64(),
            DType::F64 => f64::from_bits(bits),
            // The upper half of an f16.
            DType::F8E5M2 => half::f16::from_bits((bits as u16) << 8).to_f64(),
            DType::F8E4M3 => e4m3(bits as u8),
            DType::U32 => bits as f64,
        }
    }

    /// The smallest value of the type that is at least `bound` (above it, if `open`), 0 or a normal f32 number.
    pub(crate) fn at_least(self, bound: f64, open: bool) -> f32 {
        0.0 - self.at_most(-bound, open)
    }

    /// The largest value of the type that is at most `bound` (below it, if `open`), 0 or a normal f32 number.
    pub(crate) fn at_most(self, bound: f64, open: bool) -> f32 {
        let (dtype, size) = (self.sampled(), self.sampled().size());
        let inside = |x: f64| if open { x < bound } else { x <= bound };
        let mut bits = ordered(dtype.bits(bound.clamp(-dtype.max(), dtype.max())), size);
        // Rounding moves by less than one step, so that two steps down suffice.
        while !inside(dtype.value(unordered(bits, size))) {
            bits -= 1;
        }
        let value = dtype.value(unordered(bits, size)) as f32;
        match value.is_subnormal() {
            false => value + 0.0,
            true if value > 0.0 => 0.0,
            true => -f32::MIN_POSITIVE,
        }
    }
}

/// The value of an E4M3 number; its only non-number is all ones.
fn e4m3(bits: u8) -> f64 {
    let sign = if bits & 0x80 == 0 { 1.0 } else { -1.0 };
    let (exponent, mantissa) = (i32::from(bits >> 3 & 15), f64::from(bits & 7));
    match (exponent, bits & 7) {
        (15, 7) => f64::NAN,
        (0, _) => sign * mantissa * libm::ldexp(1.0, -9),
        _ => sign * (8.0 + mantissa) * libm::ldexp(1.0, exponent - 10),
    }
}

/// The bits of a float as an integer that grows with its value: two's complement instead of sign and magnitude.
fn ordered(bits: u64, size: u64) -> i64 {
    let sign = 1i64 << (8 * size - 1);
    let bits = bits as i64;
    if bits & sign != 0 { -(bits ^ sign) } else { bits }
}

/// The inverse of [`ordered`].
fn unordered(ordered: i64, size: u64) -> u64 {
    let sign = 1i64 << (8 * size - 1);
    (if ordered < 0 { -ordered | sign } else { ordered }) as u64
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DType {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        named("dtype", name, &Self::ALL, Self::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_nearest_values_inside() {
        assert_eq!(DType::F32.at_most(1.0, true), 1.0f32.next_down());
        assert_eq!(DType::F32.at_most(1.0, false), 1.0);
        assert_eq!(DType::F32.at_least(0.1, false), 0.1f32);
        assert_eq!(DType::F32.at_most(0.1, false), 0.1f32.next_down());
        assert_eq!(DType::BF16.at_most(1.0, true), 0.99609375);
        assert_eq!(DType::F16.at_least(-1.0, true), -0.99951172);
        assert_eq!(DType::F16.at_most(1e9, true), 65504.0);
    }

    /// Every value of the 8-bit types is its own rounding, and halfway cases go to even.
    #[test]
    fn eight_bits_round_to_nearest_even() {
        for dtype in [DType::F8E4M3, DType::F8E5M2] {
            let finite: Vec<_> = (0..=dtype.bits(dtype.max())).collect();
            for pair in finite.windows(2) {
                let (low, high) = (dtype.value(pair[0]), dtype.value(pair[1]));
                assert_eq!(dtype.bits(low), pair[0]);
                assert_eq!(dtype.bits(-low), pair[0] | 0x80);
                let middle = f64::midpoint(low, high);
                assert_eq!(dtype.bits(middle) & 1, 0, "{dtype} {middle}");
                assert_eq!(dtype.bits(middle - (high - low) / 64.0), pair[0]);
                assert_eq!(dtype.bits(middle + (high - low) / 64.0), pair[1]);
            }
            assert_eq!(dtype.value(dtype.bits(1e9)), dtype.max());
            assert_eq!(dtype.value(dtype.bits(-1e9)), -dtype.max());
        }
    }

    #[test]
    fn bounds_at_zero_are_normal_numbers() {
        assert_eq!(DType::F32.at_most(0.0, true), -f32::MIN_POSITIVE);
        assert_eq!(DType::F32.at_least(0.0, true), f32::MIN_POSITIVE);
        assert_eq!(DType::F32.at_least(-0.0, false).to_bits(), 0);
        assert_eq!(DType::F32.at_most(1e-45, false).to_bits(), 0);
        assert_eq!(DType::F16.at_most(0.0, true), -libm::ldexpf(1.0, -24));
    }
}
