//! Mirror of `shaders/matrix/dense.wgsl`: no structure.

/// Every element is its sample.
#[inline]
pub(crate) fn structured(index: u32, quad: impl Fn(u32) -> [u32; 4]) -> [u32; 4] {
    quad(index)
}
