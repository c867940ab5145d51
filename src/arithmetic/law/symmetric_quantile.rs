//! Mirror of `shaders/law/symmetric_quantile.wgsl`.

/// What a word without its first bit gives, below 2^24, by a table with `2^bits` segments an octave.
#[inline]
pub fn distance_from_middle(table: &[[u32; 2]], bits: u32, word: u32) -> u32 {
    let odd = (word << 1) | 1;
    let octave = odd.leading_zeros();
    let mantissa = odd << octave;
    let [start, bends] = table[((octave << bits) + (mantissa >> (31 - bits))) as usize];
    let t = mantissa >> (15 - bits) & 0xffff;
    let slope = (bends >> 16) - (((bends & 0xffff) * t) >> 16);
    start - ((slope * t) >> 16)
}

/// The first bit is the sign.
#[inline]
pub fn symmetric_quantile(table: &[[u32; 2]], bits: u32, word: u32) -> f32 {
    let distance = distance_from_middle(table, bits, word) as f32;
    f32::from_bits(distance.to_bits() | (word & 0x8000_0000))
}

/// Four samples from a block's words.
#[inline]
pub fn standard_block(table: &[[u32; 2]], bits: u32, words: [u32; 4]) -> [f32; 4] {
    words.map(|word| symmetric_quantile(table, bits, word))
}
