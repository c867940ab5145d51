// As slice_runs.wgsl with four blocks at a time, wherever they are. `write_blocks` comes from block_*_batch.wgsl.

// The place of the piece after the one at this place.
fn next(place: vec2<u32>) -> vec2<u32> {
    let is_last = place.y + 1u == blocks_to(place.x, params.view.x);
    return select(vec2<u32>(place.x, place.y + 1u), vec2<u32>(place.x + 1u, 0u), is_last);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    params = given;
    let first = run_and_block(4u * (id.x + id.y * params.row));
    let second = next(first);
    let third = next(second);
    let fourth = next(third);
    let a = piece(first.x, first.y);
    let b = piece(second.x, second.y);
    let c = piece(third.x, third.y);
    let d = piece(fourth.x, fourth.y);
    let low = Word(a.block.x, b.block.x, c.block.x, d.block.x);
    write_blocks(a, b, c, d, block_elements(Word2(low, Word(a.block.y, b.block.y, c.block.y, d.block.y))));
}
