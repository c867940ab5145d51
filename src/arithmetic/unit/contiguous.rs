//! Mirror of `shaders/unit/contiguous.wgsl`: elements that lie together in the tensor lie together in the destination.

/// Elements of the four slots from `4 index` on.
#[inline]
pub(crate) fn elements(index: u32, structured: impl Fn(u32) -> [u32; 4]) -> [u32; 4] {
    structured(index)
}
