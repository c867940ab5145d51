// As block_32.wgsl for four blocks.

@group(0) @binding(1) var<storage, read_write> destination: array<u32>;

fn write_blocks(a: Piece, b: Piece, c: Piece, d: Piece, e: Word4) {
    write_block(a, vec4<u32>(e.x.x, e.y.x, e.z.x, e.w.x));
    write_block(b, vec4<u32>(e.x.y, e.y.y, e.z.y, e.w.y));
    write_block(c, vec4<u32>(e.x.z, e.y.z, e.z.z, e.w.z));
    write_block(d, vec4<u32>(e.x.w, e.y.w, e.z.w, e.w.w));
}

fn write_block(p: Piece, e: vec4<u32>) {
    write_slot(p.slot, p.offset < p.count, e.x);
    write_slot(p.slot + 1u, p.offset + 1u < p.count, e.y);
    write_slot(p.slot + 2u, p.offset + 2u < p.count, e.z);
    write_slot(p.slot + 3u, p.offset + 3u < p.count, e.w);
}

fn write_slot(slot: u32, is_written: bool, bits: u32) {
    if is_written {
        destination[slot] = bits;
    }
}
