//! Mirror of `shaders/law/portable_math.wgsl`. Rust neither fuses nor reassociates, so that its barrier is the
//! identity.

/// The value itself: marks where the shader needs a barrier.
#[inline]
pub fn barrier(x: f32) -> f32 {
    x
}

/// `x / 2` for an x well above the least normal number.
#[inline]
pub fn halved(x: f32) -> f32 {
    f32::from_bits(x.to_bits() - 0x80_0000)
}

/// `a * b + c` in two roundings.
#[inline]
pub fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    barrier(a * b) + c
}

/// The 25-bit integer with sign from a word's upper bits, made odd: never 0, symmetric about 0, exact in f32.
#[inline]
pub fn odd_integer(word: u32) -> f32 {
    ((word.cast_signed() >> 7) | 1) as f32
}
