//! Mirror of `shaders/dtype/load_f8_e5m2.wgsl`.

use crate::arithmetic::dtype::wide_float::wide_float;

/// The number that an E5M2 element is. For finite ones.
#[inline]
pub(crate) fn decode(bits: u32) -> f32 {
    f32::from_bits(((bits & 0x80) << 24) | wide_float(bits & 0x7f, 15, 2))
}
