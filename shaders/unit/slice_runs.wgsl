// The entry point for slices of any runs: every invocation makes a block, and writes its piece of a run. `write_block`
// comes from block_*.wgsl.

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    params = given;
    let place = run_and_block(id.x + id.y * params.row);
    let p = piece(place.x, place.y);
    if p.count > 0u {
        write_block(p.slot, p.offset, p.count, block_of(p.block));
    }
}
