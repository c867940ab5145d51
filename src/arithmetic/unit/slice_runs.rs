//! Mirror of `shaders/unit/slice_runs.wgsl`: the entry point for slices of any runs.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::unit::block_of::block_of;
use crate::arithmetic::unit::slice_pieces::piece;

/// One invocation, by its run and the block's place in it, or one of several that it does at a time. `write_block`
/// takes a slot, the offset and the count of `shaders/unit/block_32.wgsl`, and four elements.
pub(crate) fn fill(
    nested: bool,
    params: &Params,
    [run, block]: [u32; 2],
    structured: &impl Fn(&Params, u32) -> [u32; 4],
    write_block: impl FnOnce(u32, [u32; 2], [u32; 4]),
) {
    let p = piece(nested, params, run, block);
    if p.count > 0 {
        write_block(p.slot, [p.offset, p.count], block_of(params, p.block, structured));
    }
}
