//! Mirror of `shaders/dense.wgsl`: no structure.

/// Every element is its sample.
#[inline]
pub(super) fn structured(element: [u32; 2], quad: impl Fn([u32; 2]) -> [u32; 4]) -> [u32; 4] {
    quad(element)
}
