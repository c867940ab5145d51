// Elements of a matrix from the components of vectors: the element (row, column) is component
// row * structure.x + column * structure.y. Of every structure.z columns of the destination, column structure.w is one
// of the matrix; the others are 0.

@group(0) @binding(2) var<storage, read> components: array<f32>;

fn gather_element(place: vec2<u32>) -> u32 {
    let steps = params.structure;
    if place.y % steps.z != steps.w {
        return 0u;
    }
    return encode(params.scale * components[place.x * steps.x + place.y / steps.z * steps.y]);
}

fn block_elements(block: vec2<u32>) -> vec4<u32> {
    let a = divide(vec2<u32>(block.x << 2u, (block.y << 2u) | (block.x >> 30u)), params.columns);
    let b = next_place(a);
    let c = next_place(b);
    let d = next_place(c);
    return vec4<u32>(gather_element(a), gather_element(b), gather_element(c), gather_element(d));
}
