// f64 elements: the f32 sample widened, which is exact.
fn encode(x: f32) -> u32 {
    return bitcast<u32>(x);
}

// (low, high) words of the f64 equal to an f32 that is 0 or normal.
fn widen(bits: u32) -> vec2<u32> {
    let magnitude = bits & 0x7fffffffu;
    let high = select((magnitude >> 3u) + 0x38000000u, 0u, magnitude == 0u);
    return vec2<u32>(bits << 29u, (bits & 0x80000000u) | high);
}
