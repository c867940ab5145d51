//! Mirror of `shaders/unit/block_of.wgsl`: the elements of one block.

use crate::arithmetic::generator::params::Params;

/// The four elements of a block: a range of their own, which begins at element `4 block` of the tensor.
#[inline]
pub(crate) fn block_of(params: &Params, block: [u32; 2], structured: &impl Fn(&Params, u32) -> [u32; 4]) -> [u32; 4] {
    let origin = [block[0] << 2, (block[1] << 2) | (block[0] >> 30)];
    structured(&Params { origin, block, ..*params }, 0)
}
