//! Mirror of `shaders/dtype/load_f8_e4m3.wgsl`.

use crate::arithmetic::dtype::wide_float::wide_float;

/// The number that an E4M3 element is. For finite ones.
#[inline]
pub(crate) fn decode(bits: u32) -> f32 {
    f32::from_bits(((bits & 0x80) << 24) | wide_float(bits & 0x7f, 7, 3))
}
