//! Mirror of `shaders/law/normal.wgsl`: the standard normal law by the transform of Box and Muller in portable
//! arithmetic.
//!
//! Box and Muller, "A note on the generation of random normal deviates" (1958).

use crate::arithmetic::law::coefficients::{
    EXP2_MINUS_16, EXP2_MINUS_24, EXP2_MINUS_25, EXP2_MINUS_32, LOG, SQRT_HALF, SQRT_MAGIC, TWO_LN_2,
};
use crate::arithmetic::law::cos_sin::cos_sin;
use crate::arithmetic::law::portable_math::{barrier, halved, mul_add};

/// −2 ln(u), u = (word | 1) / 2^32.
#[inline]
pub fn minus_two_log(word: u32) -> f32 {
    let a = word | 1;
    let zeros = a.leading_zeros();
    let exponent = zeros + u32::from((a << zeros) <= SQRT_HALF);
    let distance = (a << (exponent & 31)).cast_signed();
    let f = (distance >> 16) as f32 * EXP2_MINUS_16 + (distance & 0xffff) as f32 * EXP2_MINUS_32;
    let mut p = mul_add(LOG[8], f, LOG[7]);
    p = mul_add(p, f, LOG[6]);
    p = mul_add(p, f, LOG[5]);
    p = mul_add(p, f, LOG[4]);
    p = mul_add(p, f, LOG[3]);
    p = mul_add(p, f, LOG[2]);
    p = mul_add(p, f, LOG[1]);
    p = mul_add(p, f, LOG[0]);
    barrier(exponent as f32 * TWO_LN_2) - barrier(f * p)
}

/// √x for normal x > 0.
#[inline]
pub fn square_root(x: f32) -> f32 {
    let mut y = f32::from_bits(SQRT_MAGIC - (x.to_bits() >> 1));
    y = newton_step(y, x);
    y = newton_step(y, x);
    y = newton_step(y, x);
    x * y
}

#[inline]
fn newton_step(y: f32, x: f32) -> f32 {
    let correction = 1.5 - barrier(x * halved(y * y));
    barrier(y * correction)
}

/// (cos, sin) of an angle word's place in its quadrant.
#[inline]
pub fn direction(angle_word: u32) -> [f32; 2] {
    cos_sin(((angle_word << 2).cast_signed() >> 8) as f32 * EXP2_MINUS_24 + EXP2_MINUS_25)
}

/// Two samples: the point at distance `r` in a direction, turned into the quadrant of the angle word.
#[inline]
pub fn turned(r: f32, point: [f32; 2], angle_word: u32) -> [f32; 2] {
    let odd_quadrant = (angle_word & 0x4000_0000) != 0;
    let x = r * if odd_quadrant { -point[1] } else { point[0] };
    let y = r * if odd_quadrant { point[0] } else { point[1] };
    let half_turn = angle_word & 0x8000_0000;
    [f32::from_bits(x.to_bits() ^ half_turn), f32::from_bits(y.to_bits() ^ half_turn)]
}

/// Two samples from the words of a pair: the radius word of the even lane and the angle word of the odd lane.
#[inline]
pub fn box_muller(radius_word: u32, angle_word: u32) -> [f32; 2] {
    turned(barrier(square_root(minus_two_log(radius_word))), direction(angle_word), angle_word)
}

/// Four samples from a block's words.
#[inline]
pub fn standard_block(words: [u32; 4]) -> [f32; 4] {
    let ([a, b], [c, d]) = (box_muller(words[0], words[1]), box_muller(words[2], words[3]));
    [a, b, c, d]
}
