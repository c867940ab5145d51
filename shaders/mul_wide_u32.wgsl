// The 64-bit product of two words by 16-bit halves, for devices without 64-bit integers: (low, high).
fn mul_wide(a: u32, b: u32) -> vec2<u32> {
    let low = (a & 0xffffu) * (b & 0xffffu);
    // Neither sum overflows: (2^16 - 1)^2 + (2^16 - 1) < 2^32.
    let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
    let cross = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
    let high = (a >> 16u) * (b >> 16u) + (middle >> 16u) + (cross >> 16u);
    // Not a * b: on many GPUs a product of 32 bits takes four times as long as one of 16.
    return vec2<u32>((cross << 16u) | (low & 0xffffu), high);
}
