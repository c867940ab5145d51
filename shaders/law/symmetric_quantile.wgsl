// A symmetric law by a table of how far its quantiles are from the middle, in whole numbers: parabolas that only rise,
// see src/law/table/parabola.rs. `parabolas` comes from one_parabola.wgsl or four_parabolas.wgsl.

@group(0) @binding(2) var<storage, read> table: array<vec2<u32>>;

struct Parabola {
    start: Word,  // bits of an f32 number, the middle and a distance from it
    bends: Word,  // the slope from there on, times 2^16, and the curvature
}

// How far from the middle a word's quantile is; its first bit changes nothing.
fn distance_from_middle(word: Word) -> Real {
    // The other bits count from the middle to the law's end: the ones that they begin with are the octave.
    let octave = countLeadingZeros(~(word << Word(1u)));
    // The bit before the first zero, which is 1 but in octave 0, whose rows the table therefore has twice; that zero;
    // 6 bits that are the segment; and 16 that are the position in it.
    let mantissa = word << octave;
    let row = parabolas((octave << Word(6u)) + (mantissa >> Word(24u)));
    let t = extractBits(mantissa, 8u, 16u);
    let slope = (row.bends + (row.bends & Word(0xffffu)) * t) >> Word(16u);
    // The bits of a number and 1 are those of the next number, so that nothing need be converted. The difference is
    // exact.
    let place = bitcast<Real>(row.start + ((slope * t) >> Word(16u)));
    return place - Real(bitcast<f32>(params.pattern));
}

// The first bit is the sign.
fn symmetric_quantile(word: Word) -> Real {
    let distance = distance_from_middle(word);
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
