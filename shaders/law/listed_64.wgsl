// As listed.wgsl for elements of 64 bits, whose words lie side by side: the number of an element in the list, from 1
// on, stands for it until it is written. 0 is no element.

@group(0) @binding(2) var<storage, read> list: array<u32>;

fn block_elements(block: vec2<u32>) -> vec4<u32> {
    let a = divide(vec2<u32>(block.x << 2u, (block.y << 2u) | (block.x >> 30u)), params.columns);
    let b = next_place(a);
    let c = next_place(b);
    let d = next_place(c);
    return vec4<u32>(a.y, b.y, c.y, d.y) + 1u;
}

fn widen(number: u32) -> vec2<u32> {
    if number == 0u {
        return vec2<u32>();
    }
    return vec2<u32>(list[2u * number - 2u], list[2u * number - 1u]);
}
