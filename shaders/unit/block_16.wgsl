// As block_32.wgsl with elements of 16 bits. Other invocations may write the other half of a word: each turns over its
// own bits.

@group(0) @binding(1) var<storage, read_write> destination: array<atomic<u32>>;

fn write_block(slot: u32, offset: u32, count: u32, e: vec4<u32>) {
    let lanes = vec4<u32>(0u, 1u, 2u, 3u) + offset;
    let m = select(vec4<u32>(), vec4<u32>(0xffffu), lanes < vec4<u32>(count));
    let odd = slot & 1u;
    let is_odd = odd == 1u;
    let first = select(e.x | (e.y << 16u), e.x << 16u, is_odd);
    let second = select(e.z | (e.w << 16u), e.y | (e.z << 16u), is_odd);
    write_word(slot / 2u, first, select(m.x | (m.y << 16u), m.x << 16u, is_odd));
    write_word((slot + 2u - odd) / 2u, second, select(m.z | (m.w << 16u), m.y | (m.z << 16u), is_odd));
    write_word((slot + 3u) / 2u, e.w, select(0u, m.w, is_odd));
}

fn write_word(word: u32, bits: u32, mask: u32) {
    if !UPDATES && mask == 0xffffffffu {
        atomicStore(&destination[word], bits);
    } else if mask != 0u {
        let old = atomicLoad(&destination[word]);
        let next = updated(old & 0xffffu, bits & 0xffffu) | (updated(old >> 16u, bits >> 16u) << 16u);
        atomicXor(&destination[word], (old ^ next) & mask);
    }
}
