//! Mirror of `shaders/constant.wgsl`.

use crate::plan::Params;

/// One bit pattern for every element.
#[inline]
pub(super) fn block_elements(params: &Params, _block: [u32; 2]) -> [u32; 4] {
    [params.pattern; 4]
}
