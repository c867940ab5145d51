//! Mirror of `shaders/update/replace.wgsl`: elements become their samples.

/// The sample.
#[inline]
pub(crate) fn updated(_old: u32, sample: u32) -> u32 {
    sample
}
