// The elements of one block, wherever it is. `structured` comes from the structure's file.

// The four elements of a block: a range of their own, which begins at element 4 `block` of the tensor.
fn block_of(block: vec2<u32>) -> vec4<u32> {
    let origin = params.origin;
    let own = params.block;
    params.origin = vec2<u32>(block.x << 2u, (block.y << 2u) | (block.x >> 30u));
    params.block = block;
    let made = structured(0u);
    params.origin = origin;
    params.block = own;
    return made;
}
