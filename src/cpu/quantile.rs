//! Mirror of `shaders/quantile.wgsl`.

use super::portable_math::{mul_add, odd_integer};
use crate::coefficients::EXP2_MINUS_24;

/// `c[0] + c[1] t + c[2] t² + c[3] t³`.
#[inline]
pub fn cubic(c: [f32; 4], t: f32) -> f32 {
    mul_add(mul_add(mul_add(c[3], t, c[2]), t, c[1]), t, c[0])
}

/// Of a word, by a table with `2^bits` segments an octave: the table's row and the position in its segment.
#[inline]
pub fn segment(bits: u32, word: u32) -> (u32, f32) {
    let upper = word >> 31;
    let odd = ((if upper != 0 { !word } else { word }) << 1) | 1;
    let octave = odd.leading_zeros();
    let fraction = (odd << octave) << 1;
    let row = ((upper * 32 + octave) << bits) + (fraction >> (32 - bits));
    (row, odd_integer((fraction << bits) ^ 0x8000_0000) * EXP2_MINUS_24)
}

/// The quantile of a word by the table of a [`crate::QuantileTable`] with `2^bits` segments an octave.
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
