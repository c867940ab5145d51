// As unit_32_whole.wgsl with four units of 16 bytes at a time, from four blocks.

@group(0) @binding(1) var<storage, read_write> destination: array<vec4<u32>>;

const SLOTS = 16u;

fn write_unit(unit: u32) {
    let block = first_block(4u * unit);
    let e = block_elements(Word2(blocks_from(block.x), Word(block.y)));
    destination[4u * unit] = vec4<u32>(e.x.x, e.y.x, e.z.x, e.w.x);
    destination[4u * unit + 1u] = vec4<u32>(e.x.y, e.y.y, e.z.y, e.w.y);
    destination[4u * unit + 2u] = vec4<u32>(e.x.z, e.y.z, e.z.z, e.w.z);
    destination[4u * unit + 3u] = vec4<u32>(e.x.w, e.y.w, e.z.w, e.w.w);
}
