//! Mirror of `shaders/law/normal_native.wgsl`, with the standard library's functions, which are this system's own.

use crate::arithmetic::law::coefficients::{EXP2_MINUS_32, PI_OVER_2_24};
use crate::arithmetic::law::portable_math::odd_integer;

/// Two samples from the words of a pair.
#[expect(clippy::disallowed_methods, reason = "native arithmetic is each device's own")]
#[inline]
pub fn box_muller(radius_word: u32, angle_word: u32) -> [f32; 2] {
    let u = (radius_word | 1) as f32 * EXP2_MINUS_32;
    let r = f32::sqrt((-2.0 * f32::ln(u)).max(0.0));
    let share = (angle_word & 0xC000_0000).wrapping_add(((angle_word << 2).cast_signed() >> 2).cast_unsigned());
    let angle = odd_integer(share) * PI_OVER_2_24;
    [r * f32::cos(angle), r * f32::sin(angle)]
}

/// Four samples from a block's words.
#[inline]
pub fn standard_block(words: [u32; 4]) -> [f32; 4] {
    let ([a, b], [c, d]) = (box_muller(words[0], words[1]), box_muller(words[2], words[3]));
    [a, b, c, d]
}
