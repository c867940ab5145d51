//! Mirror of `shaders/law/quantile.wgsl`.

use crate::arithmetic::law::coefficients::{EXP2_MINUS_23, FIRST_POSITION};
use crate::arithmetic::law::portable_math::mul_add;

/// `c[0] + c[1] t + c[2] t² + c[3] t³`.
#[inline]
pub fn cubic(c: [f32; 4], t: f32) -> f32 {
    mul_add(mul_add(mul_add(c[3], t, c[2]), t, c[1]), t, c[0])
}

/// Of a word, by a table with `2^bits` segments an octave: the table's row and the position in its segment.
#[inline]
pub fn segment(bits: u32, word: u32) -> (u32, f32) {
    let upper = (word.cast_signed() >> 31).cast_unsigned();
    let odd = ((word ^ upper) << 1) | 1;
    let octave = odd.leading_zeros();
    let mantissa = odd << octave;
    let row = (((upper & 32) | octave) << bits) + (mantissa >> (31 - bits));
    let position = (mantissa >> (7 - bits) & 0xff_ffff).cast_signed();
    (row, position as f32 * EXP2_MINUS_23 + FIRST_POSITION)
}

/// The quantile of a word by the rows of a table with `2^bits` segments an octave.
#[inline]
pub fn quantile(table: &[[f32; 4]], bits: u32, word: u32) -> f32 {
    let (row, t) = segment(bits, word);
    cubic(table[row as usize], t)
}

/// Four samples from a block's words.
#[inline]
pub fn standard_block(table: &[[f32; 4]], bits: u32, words: [u32; 4]) -> [f32; 4] {
    words.map(|word| quantile(table, bits, word))
}
