//! Mirror of `shaders/dtype/load_f32.wgsl`.

/// The number that an f32 element is.
#[inline]
pub(crate) fn decode(bits: u32) -> f32 {
    f32::from_bits(bits)
}
