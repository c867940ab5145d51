// As unit_16_whole.wgsl with two units of 16 bytes at a time, from four blocks.

@group(0) @binding(1) var<storage, read_write> destination: array<vec4<u32>>;

const SLOTS = 16u;

fn write_unit(unit: u32) {
    let block = first_block(4u * unit);
    let e = block_elements(Word2(blocks_from(block.x), Word(block.y)));
    let first = e.x | (e.y << Word(16u));
    let second = e.z | (e.w << Word(16u));
    destination[2u * unit] = vec4<u32>(first.x, second.x, first.y, second.y);
    destination[2u * unit + 1u] = vec4<u32>(first.z, second.z, first.w, second.w);
}
