//! Mirror of `shaders/law/constant.wgsl`.

use crate::arithmetic::generator::params::Params;

/// One bit pattern for every element.
#[inline]
pub(crate) fn block_elements(params: &Params, _block: [u32; 2]) -> [u32; 4] {
    [params.pattern; 4]
}
