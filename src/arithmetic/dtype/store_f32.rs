//! Mirror of `shaders/dtype/store_f32.wgsl`.

/// The sample's own bits.
#[inline]
pub fn encode(x: f32) -> u32 {
    x.to_bits()
}
