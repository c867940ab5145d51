//! Mirror of `shaders/dtype/store_f8_e4m3.wgsl`.

use crate::arithmetic::dtype::small_float::small_float;

/// The sample as E4M3, rounded to nearest even, beyond 448 saturated.
#[inline]
pub fn encode(x: f32) -> u32 {
    let finite = x.clamp(-448.0, 448.0);
    ((x.to_bits() >> 24) & 0x80) | small_float(finite, 7, 3)
}
