//! Element types and their rounding: which values of a type lie inside a law's bounds.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result, named};

/// The type of the elements that a fill writes, little endian.
///
/// f16 and bf16 elements are the f32 sample rounded to nearest even; where that would leave a law's finite bounds,
/// the nearest value inside them.
///
/// ```
/// use wginit::DType;
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
    /// Raw 32-bit words of the generator, for [`crate::Law::Bits`] only.
    U32,
}

impl DType {
    /// Every type, in the order in which errors list them.
    pub const ALL: [DType; 4] = [DType::F32, DType::F16, DType::BF16, DType::U32];

    /// Bytes of one element.
    pub const fn size(self) -> u64 {
        match self {
            DType::F32 | DType::U32 => 4,
            DType::F16 | DType::BF16 => 2,
        }
    }

    /// The name that [`FromStr`] reads: `f32`, `f16`, `bf16` or `u32`.
    pub const fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::U32 => "u32",
        }
    }

    /// The largest finite value (of f32 for [`DType::U32`], which holds no numbers).
    pub fn max(self) -> f64 {
        match self {
            DType::F32 | DType::U32 => f64::from(f32::MAX),
            DType::F16 => half::f16::MAX.to_f64(),
            DType::BF16 => half::bf16::MAX.to_f64(),
        }
    }

    /// The bits of `value` rounded to nearest even, in the low bits of a word.
    pub fn bits(self, value: f32) -> u32 {
        match self {
            DType::F32 | DType::U32 => crate::cpu::store_f32::encode(value),
            DType::F16 => crate::cpu::store_f16::encode(value),
            DType::BF16 => crate::cpu::store_bf16::encode(value),
        }
    }

    /// The value of an element's bits (for [`DType::U32`] the integer).
    pub fn value(self, bits: u32) -> f64 {
        match self {
            DType::F32 => f64::from(f32::from_bits(bits)),
            DType::F16 => half::f16::from_bits(bits as u16).to_f64(),
            DType::BF16 => half::bf16::from_bits(bits as u16).to_f64(),
            DType::U32 => f64::from(bits),
        }
    }

    /// The smallest value of the type that is at least `bound` (above it, if `open`), 0 or a normal f32 number.
    pub(crate) fn at_least(self, bound: f64, open: bool) -> f32 {
        0.0 - self.at_most(-bound, open)
    }

    /// The largest value of the type that is at most `bound` (below it, if `open`), 0 or a normal f32 number.
    pub(crate) fn at_most(self, bound: f64, open: bool) -> f32 {
        let inside = |x: f64| if open { x < bound } else { x <= bound };
        let mut bits = ordered(self.bits(bound.clamp(-self.max(), self.max()) as f32), self.size());
        // Rounding moves by less than one step, so that two steps down suffice.
        while !inside(self.value(unordered(bits, self.size()))) {
            bits -= 1;
        }
        let value = self.value(unordered(bits, self.size())) as f32;
        match value.is_subnormal() {
            false => value + 0.0,
            true if value > 0.0 => 0.0,
            true => -f32::MIN_POSITIVE,
        }
    }
}

/// The bits of a float as an integer that grows with its value: two's complement instead of sign and magnitude.
fn ordered(bits: u32, size: u64) -> i64 {
    let sign = 1i64 << (8 * size - 1);
    let bits = i64::from(bits);
    if bits & sign != 0 { -(bits ^ sign) } else { bits }
}

/// The inverse of [`ordered`].
fn unordered(ordered: i64, size: u64) -> u32 {
    let sign = 1i64 << (8 * size - 1);
    (if ordered < 0 { -ordered | sign } else { ordered }) as u32
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

    #[test]
    fn bounds_at_zero_are_normal_numbers() {
        assert_eq!(DType::F32.at_most(0.0, true), -f32::MIN_POSITIVE);
        assert_eq!(DType::F32.at_least(0.0, true), f32::MIN_POSITIVE);
        assert_eq!(DType::F32.at_least(-0.0, false).to_bits(), 0);
        assert_eq!(DType::F32.at_most(1e-45, false).to_bits(), 0);
        assert_eq!(DType::F16.at_most(0.0, true), -(2f32.powi(-24)));
    }
}
