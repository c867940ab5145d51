// Elements from a list of params.columns patterns of bits, over and over.

@group(0) @binding(2) var<storage, read> list: array<u32>;

fn block_elements(block: vec2<u32>) -> vec4<u32> {
    let a = divide(vec2<u32>(block.x << 2u, (block.y << 2u) | (block.x >> 30u)), params.columns);
    let b = next_place(a);
    let c = next_place(b);
    let d = next_place(c);
    return vec4<u32>(list[a.y], list[b.y], list[c.y], list[d.y]);
}
