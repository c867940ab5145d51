//! Mirror of `shaders/unit/quad.wgsl`: four elements that lie together in the destination.

use crate::arithmetic::generator::options::Options;
use crate::arithmetic::generator::params::Params;

/// Samples of the four slots from `4 index` on.
#[inline]
pub(crate) fn quad(
    options: Options,
    params: &Params,
    index: u32,
    block_elements: &impl Fn([u32; 2]) -> [u32; 4],
) -> [u32; 4] {
    let block = params.block[0].wrapping_add(index);
    let first = block_elements([block, params.block[1]]);
    if !options.shifted {
        return first;
    }
    let second = block_elements([block.wrapping_add(1), params.block[1]]);
    match params.origin[0] & 3 {
        1 => [first[1], first[2], first[3], second[0]],
        2 => [first[2], first[3], second[0], second[1]],
        3 => [first[3], second[0], second[1], second[2]],
        _ => first,
    }
}
