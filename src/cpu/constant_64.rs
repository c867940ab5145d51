//! Mirror of `shaders/constant_64.wgsl`.

use crate::plan::Params;

/// One f64 for every element.
#[inline]
pub(super) fn widen(params: &Params, _bits: u32) -> [u32; 2] {
    [params.pattern, params.pattern_high]
}
