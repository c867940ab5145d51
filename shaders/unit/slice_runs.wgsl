// Elements of a slice of any runs: every invocation makes one of the blocks that a run touches, and writes what the run
// has of it. `write_block` comes from block_*.wgsl.

// How many blocks a run touches at most, or so many elements of it: all runs begin at the same lane if the distances
// between them are whole blocks.
fn most_blocks(count: u32) -> u32 {
    if params.view.x <= count && ((params.view.z | params.view_count | params.block.x) & 3u) == 0u {
        return ((params.origin.x & 3u) + params.view.x + 3u) / 4u;
    }
    return (min(params.view.x, count) + 6u) / 4u;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    params = given;
    let start = params.block.y;
    let end = start + (params.tail - params.head);
    let blocks = most_blocks(end - start);
    let item = id.x + id.y * params.row;
    let later = quotient(item, blocks);
    let run = quotient(start, params.view.x) + later;
    // Of the run, as far as it is written.
    let first = max(run * params.view.x, start);
    let tail = min((run + 1u) * params.view.x, end);
    let index = add_64(source(run), first - run * params.view.x);
    // Of the block's first element; it may lie before the run's, and is then a large number.
    let block = item - later * blocks;
    let offset = 4u * block - (index.x & 3u);
    if first < tail && (block == 0u || offset < tail - first) {
        let e = block_of(add_64(vec2<u32>((index.x >> 2u) | (index.y << 30u), index.y >> 2u), block));
        write_block(params.head + (first - start) + offset, offset, tail - first, e);
    }
}
