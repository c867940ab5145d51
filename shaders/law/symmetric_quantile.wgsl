// A symmetric law by a table of how far its quantiles are from the middle, in whole numbers: parabolas that only fall,
// see src/law/table/parabola.rs. `parabolas` comes from one_parabola.wgsl or four_parabolas.wgsl.

@group(0) @binding(2) var<storage, read> table: array<vec2<u32>>;

struct Parabola {
    start: Word,  // below 2^24
    bends: Word,  // its slope, times 2^16, and its curvature
}

// What a word without its first bit gives, below 2^24.
fn distance_from_middle(word: Word) -> Word {
    // The probability from the law's end, an odd number of 2^-33; its leading zeros are the octave.
    let odd = (word << Word(1u)) | Word(1u);
    let octave = countLeadingZeros(odd);
    let bits = Word(params.segment_bits);
    // Its first bit is set, which skips the rows that the table begins with; the next ones are the segment, and 16 more
    // the position in it.
    let mantissa = odd << octave;
    let row = parabolas((octave << bits) + (mantissa >> (31u - bits)));
    let t = extractBits(mantissa, 15u - params.segment_bits, 16u);
    let slope = (row.bends >> Word(16u)) - (((row.bends & Word(0xffffu)) * t) >> Word(16u));
    return row.start - ((slope * t) >> Word(16u));
}

// The first bit is the sign.
fn symmetric_quantile(word: Word) -> Real {
    let distance = Real(distance_from_middle(word));
    return bitcast<Real>(bitcast<Word>(distance) | (word & Word(0x80000000u)));
}

fn standard_block(words: Word4) -> Real4 {
    return Real4(
        symmetric_quantile(words.x),
        symmetric_quantile(words.y),
        symmetric_quantile(words.z),
        symmetric_quantile(words.w),
    );
}
