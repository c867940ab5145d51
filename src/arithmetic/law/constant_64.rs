//! Mirror of `shaders/law/constant_64.wgsl`.

use crate::arithmetic::generator::params::Params;

/// 1 stands for the constant until it is written.
#[inline]
pub(crate) fn block_elements(_block: [u32; 2]) -> [u32; 4] {
    [1; 4]
}

/// (low, high) words of the constant, or of no element.
#[inline]
pub(crate) fn widen(params: &Params, number: u32) -> [u32; 2] {
    [params.pattern * number, params.pattern_high * number]
}
