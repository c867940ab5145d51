// The 64-bit product of two words, for devices with SHADER_INT64: (low, high).
fn mul_wide(a: u32, b: u32) -> vec2<u32> {
    let product = u64(a) * u64(b);
    return vec2<u32>(u32(product), u32(product >> 32u));
}
