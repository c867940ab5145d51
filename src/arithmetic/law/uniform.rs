//! Mirror of `shaders/law/uniform.wgsl`.

use crate::arithmetic::law::portable_math::odd_integer;

/// Four odd integers k with |k| < 2^24.
#[inline]
pub fn standard_block(words: [u32; 4]) -> [f32; 4] {
    words.map(odd_integer)
}
