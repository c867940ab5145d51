//! Mirror of `shaders/unit/slice_runs.wgsl`: elements of a slice of any runs.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::add_64;
use crate::arithmetic::unit::block_of::block_of;
use crate::arithmetic::unit::slice::{quotient, source};

/// How many blocks a run touches at most, or `count` elements of it.
#[inline]
pub(crate) fn most_blocks(params: &Params, count: u32) -> u32 {
    if params.view[0] <= count && (params.view[2] | params.view_count | params.block[0]) & 3 == 0 {
        return ((params.origin[0] & 3) + params.view[0]).div_ceil(4);
    }
    (params.view[0].min(count) + 6) / 4
}

/// The entry point for one invocation; `id` is its place in x and y. `write_block` takes a slot, the offset and the
/// count of `shaders/unit/block_32.wgsl`, and four elements.
pub(crate) fn fill(
    nested: bool,
    params: &Params,
    id: [u32; 2],
    structured: &impl Fn(&Params, u32) -> [u32; 4],
    write_block: impl FnOnce(u32, [u32; 2], [u32; 4]),
) {
    let start = params.block[1];
    let end = start + (params.tail - params.head);
    let blocks = most_blocks(params, end - start);
    let item = id[0] + id[1] * params.row;
    let later = quotient(item, blocks);
    let run = quotient(start, params.view[0]) + later;
    let first = (run * params.view[0]).max(start);
    let tail = ((run + 1) * params.view[0]).min(end);
    let index = add_64(source(nested, params, run), first - run * params.view[0]);
    let block = item - later * blocks;
    let offset = (4 * block).wrapping_sub(index[0] & 3);
    if first < tail && (block == 0 || offset < tail - first) {
        let number = add_64([(index[0] >> 2) | (index[1] << 30), index[1] >> 2], block);
        let slot = (params.head + (first - start)).wrapping_add(offset);
        write_block(slot, [offset, tail - first], block_of(params, number, structured));
    }
}
