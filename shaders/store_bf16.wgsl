// bf16 elements: the upper half of the f32, rounded to nearest even. For finite x.
fn encode(x: f32) -> u32 {
    let bits = bitcast<u32>(x);
    return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}
