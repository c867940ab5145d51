// Four blocks of elements of 32 bits, each as block_32.wgsl writes it.

fn write_blocks(a: Piece, b: Piece, c: Piece, d: Piece, e: Word4) {
    write_block(a.slot, a.offset, a.count, vec4<u32>(e.x.x, e.y.x, e.z.x, e.w.x));
    write_block(b.slot, b.offset, b.count, vec4<u32>(e.x.y, e.y.y, e.z.y, e.w.y));
    write_block(c.slot, c.offset, c.count, vec4<u32>(e.x.z, e.y.z, e.z.z, e.w.z));
    write_block(d.slot, d.offset, d.count, vec4<u32>(e.x.w, e.y.w, e.z.w, e.w.w));
}
