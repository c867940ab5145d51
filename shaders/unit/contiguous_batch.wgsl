// As contiguous.wgsl for several blocks at a time.

// The first of the blocks that lie from slot 4 `index` on.
fn first_block(index: u32) -> vec2<u32> {
    return vec2<u32>(params.block.x + index, params.block.y);
}
