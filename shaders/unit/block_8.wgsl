// As block_16.wgsl with elements of 8 bits.

@group(0) @binding(1) var<storage, read_write> destination: array<atomic<u32>>;

fn write_block(slot: u32, offset: u32, count: u32, e: vec4<u32>) {
    let lanes = vec4<u32>(0u, 1u, 2u, 3u) + offset;
    let m = select(vec4<u32>(), vec4<u32>(0xffu), lanes < vec4<u32>(count));
    let bits = e.x | (e.y << 8u) | (e.z << 16u) | (e.w << 24u);
    let mask = m.x | (m.y << 8u) | (m.z << 16u) | (m.w << 24u);
    let shift = 8u * (slot & 3u);
    write_word(slot / 4u, bits << shift, mask << shift);
    if shift != 0u {
        write_word((slot + 3u) / 4u, bits >> (32u - shift), mask >> (32u - shift));
    }
}

fn write_word(word: u32, bits: u32, mask: u32) {
    if !UPDATES && mask == 0xffffffffu {
        atomicStore(&destination[word], bits);
    } else if mask != 0u {
        let old = atomicLoad(&destination[word]);
        var next = updated(old & 0xffu, bits & 0xffu) | (updated((old >> 8u) & 0xffu, (bits >> 8u) & 0xffu) << 8u);
        next |= updated((old >> 16u) & 0xffu, (bits >> 16u) & 0xffu) << 16u;
        next |= updated(old >> 24u, bits >> 24u) << 24u;
        atomicXor(&destination[word], (old ^ next) & mask);
    }
}
