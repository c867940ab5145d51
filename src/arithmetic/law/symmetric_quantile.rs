//! Mirror of `shaders/law/symmetric_quantile.wgsl`.

/// How far from the middle a word's quantile is, by a table with 64 segments an octave and the number `middle` that
/// its rows begin from; the word's first bit changes nothing.
#[inline]
pub fn distance_from_middle(table: &[[u32; 2]], middle: f32, word: u32) -> f32 {
    let octave = (!(word << 1)).leading_zeros();
    let mantissa = word << octave;
    let [start, bends] = table[((octave << 6) + (mantissa >> 24)) as usize];
    let t = mantissa >> 8 & 0xffff;
    let slope = (bends + (bends & 0xffff) * t) >> 16;
    f32::from_bits(start + ((slope * t) >> 16)) - middle
}

/// The first bit is the sign.
#[inline]
pub fn symmetric_quantile(table: &[[u32; 2]], middle: f32, word: u32) -> f32 {
    let distance = distance_from_middle(table, middle, word);
    f32::from_bits(distance.to_bits() | (word & 0x8000_0000))
}

/// Four samples from a block's words.
#[inline]
pub fn standard_block(table: &[[u32; 2]], middle: f32, words: [u32; 4]) -> [f32; 4] {
    words.map(|word| symmetric_quantile(table, middle, word))
}
