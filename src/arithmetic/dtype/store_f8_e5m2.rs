//! Mirror of `shaders/dtype/store_f8_e5m2.wgsl`.

use crate::arithmetic::dtype::small_float::small_float;

/// The sample as E5M2, rounded to nearest even, beyond 57344 saturated.
#[inline]
pub fn encode(x: f32) -> u32 {
    let finite = x.clamp(-57344.0, 57344.0);
    ((x.to_bits() >> 24) & 0x80) | small_float(finite, 15, 2)
}
