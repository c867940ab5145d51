//! Mirror of `shaders/dtype/load_bf16.wgsl`.

/// The number that a bf16 element is: the upper half of an f32.
#[inline]
pub(crate) fn decode(bits: u32) -> f32 {
    f32::from_bits(bits << 16)
}
