//! Mirror of `shaders/unit/slice_elements.wgsl`: elements of a slice whose runs are whole blocks.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::unit::block_of::block_of;
use crate::arithmetic::unit::slice_blocks::first_block;

/// Elements of the four slots from `4 index` on.
#[inline]
pub(crate) fn elements(
    nested: bool,
    params: &Params,
    index: u32,
    structured: &impl Fn(&Params, u32) -> [u32; 4],
) -> [u32; 4] {
    block_of(params, first_block(nested, params, index), structured)
}
