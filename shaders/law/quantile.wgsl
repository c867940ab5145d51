// Any law by a table of its quantile function: see QuantileTable for how the table is built. `rows` comes from
// one_row.wgsl or four_rows.wgsl.

@group(0) @binding(2) var<storage, read> table: array<vec4<f32>>;

// c[0] + c[1] t + c[2] t^2 + c[3] t^3.
fn cubic(c: Real4, t: Real) -> Real {
    return mul_add(mul_add(mul_add(c.w, t, c.z), t, c.y), t, c.x);
}

struct Segment {
    row: Word,  // of the table
    t: Real,    // position in it
}

fn segment(word: Word) -> Segment {
    // All bits of it for the upper half, else none.
    let upper = bitcast<Word>(bitcast<Int>(word) >> Word(31u));
    // The probability from the nearer end, an odd number of 2^-33; its leading zeros are the octave.
    let odd = ((word ^ upper) << Word(1u)) | Word(1u);
    let octave = countLeadingZeros(odd);
    let bits = Word(params.segment_bits);
    // Its first bit is set, which skips the rows that the table begins with; the next ones are the segment.
    let mantissa = odd << octave;
    let row = (((upper & Word(32u)) | octave) << bits) + (mantissa >> (31u - bits));
    // 24 more are the position: an odd number of 2^-24 between -1 and 1. Product and sum are exact.
    let position = bitcast<Int>(extractBits(mantissa, 7u - params.segment_bits, 24u));
    return Segment(row, Real(position) * EXP2_MINUS_23 + FIRST_POSITION);
}

fn quantile(word: Word) -> Real {
    let place = segment(word);
    return cubic(rows(place.row), place.t);
}

fn standard_block(words: Word4) -> Real4 {
    return Real4(quantile(words.x), quantile(words.y), quantile(words.z), quantile(words.w));
}
