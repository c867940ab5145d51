//! Mirror of `shaders/dtype/load_f16.wgsl`.

use crate::arithmetic::dtype::wide_float::wide_float;

/// The number that an f16 element is. For finite ones.
#[inline]
pub(crate) fn decode(bits: u32) -> f32 {
    f32::from_bits(((bits & 0x8000) << 16) | wide_float(bits & 0x7fff, 15, 10))
}
