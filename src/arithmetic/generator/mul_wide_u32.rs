//! Mirror of `shaders/generator/mul_wide_u32.wgsl`.

/// The 64-bit product of two words by 16-bit halves: (low, high).
pub fn mul_wide(a: u32, b: u32) -> [u32; 2] {
    let low = (a & 0xffff) * (b & 0xffff);
    let middle = (a >> 16) * (b & 0xffff) + (low >> 16);
    let cross = (a & 0xffff) * (b >> 16) + (middle & 0xffff);
    let high = (a >> 16) * (b >> 16) + (middle >> 16) + (cross >> 16);
    [(cross << 16) | (low & 0xffff), high]
}
