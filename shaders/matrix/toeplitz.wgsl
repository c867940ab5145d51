// The same sample all along each diagonal: the element at (row, column) is sample column - row + structure.x - 1, for
// structure.x rows.

fn diagonal_element(place: vec2<u32>) -> u32 {
    let sample = add_64(vec2<u32>(params.structure.x - 1u - place.x, 0u), place.y);
    let block = block_elements(vec2<u32>((sample.x >> 2u) | (sample.y << 30u), sample.y >> 2u));
    return block[sample.x & 3u];
}

fn structured(index: u32) -> vec4<u32> {
    let a = place_of(index);
    let b = next_place(a);
    let c = next_place(b);
    let d = next_place(c);
    return vec4<u32>(diagonal_element(a), diagonal_element(b), diagonal_element(c), diagonal_element(d));
}
