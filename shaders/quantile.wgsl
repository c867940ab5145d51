// Any law by a table of its quantile function: see QuantileTable for how the table is built.

@group(0) @binding(2) var<storage, read> table: array<vec4<f32>>;

// c[0] + c[1] t + c[2] t^2 + c[3] t^3.
fn cubic(c: vec4<f32>, t: f32) -> f32 {
    return mul_add(mul_add(mul_add(c.w, t, c.z), t, c.y), t, c.x);
}

struct Segment {
    row: u32,  // of the table
    t: f32,    // position in it
}

fn segment(word: u32) -> Segment {
    // All bits of it for the upper half, else none.
    let upper = bitcast<u32>(bitcast<i32>(word) >> 31u);
    // The probability from the nearer end, an odd number of 2^-33; its leading zeros are the octave.
    let odd = ((word ^ upper) << 1u) | 1u;
    let octave = countLeadingZeros(odd);
    let bits = params.segment_bits;
    // Without its first bit, which is set; the next ones are the segment, 25 more the position in it, made odd.
    let fraction = ((odd << octave) << 1u) | (0x80u >> bits);
    let row = (((upper & 32u) | octave) << bits) + (fraction >> (32u - bits));
    // The sum turns the upper bit: positions have a sign.
    let position = bitcast<i32>((fraction << bits) + 0x80000000u) >> 7u;
    return Segment(row, f32(position) * EXP2_MINUS_24);
}

fn quantile(word: u32) -> f32 {
    let place = segment(word);
    return cubic(table[place.row], place.t);
}

fn standard_block(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(quantile(words.x), quantile(words.y), quantile(words.z), quantile(words.w));
}
