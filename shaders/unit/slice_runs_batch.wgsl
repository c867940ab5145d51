// As slice_runs.wgsl with four blocks at a time, wherever they are.

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    params = given;
    let item = 4u * (id.x + id.y * params.row);
    let a = piece(item);
    let b = piece(item + 1u);
    let c = piece(item + 2u);
    let d = piece(item + 3u);
    let low = Word(a.block.x, b.block.x, c.block.x, d.block.x);
    let e = block_elements(Word2(low, Word(a.block.y, b.block.y, c.block.y, d.block.y)));
    write_block(a.slot, a.offset, a.count, vec4<u32>(e.x.x, e.y.x, e.z.x, e.w.x));
    write_block(b.slot, b.offset, b.count, vec4<u32>(e.x.y, e.y.y, e.z.y, e.w.y));
    write_block(c.slot, c.offset, c.count, vec4<u32>(e.x.z, e.y.z, e.z.z, e.w.z));
    write_block(d.slot, d.offset, d.count, vec4<u32>(e.x.w, e.y.w, e.z.w, e.w.w));
}
