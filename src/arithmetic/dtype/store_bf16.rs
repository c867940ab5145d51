//! Mirror of `shaders/dtype/store_bf16.wgsl`.

/// The upper half of the f32, rounded to nearest even. For finite x.
#[inline]
pub fn encode(x: f32) -> u32 {
    let bits = x.to_bits();
    bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16
}
