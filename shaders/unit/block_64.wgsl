// As block_32.wgsl with elements of 64 bits. `widen` comes from store_f64.wgsl or constant_64.wgsl.

@group(0) @binding(1) var<storage, read_write> destination: array<u32>;

fn write_block(slot: u32, offset: u32, count: u32, e: vec4<u32>) {
    write_slot(slot, offset < count, e.x);
    write_slot(slot + 1u, offset + 1u < count, e.y);
    write_slot(slot + 2u, offset + 2u < count, e.z);
    write_slot(slot + 3u, offset + 3u < count, e.w);
}

fn write_slot(slot: u32, is_written: bool, bits: u32) {
    if is_written {
        let words = widen(bits);
        destination[2u * slot] = words.x;
        destination[2u * slot + 1u] = words.y;
    }
}
