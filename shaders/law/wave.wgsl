// Sine waves over a matrix: amplitude * sin(2 pi (position * frequency + phase)). Each wave has a column and its
// positions are the rows, or with structure.x = 1 the other way round. Phases are integers, so that turns drop out
// exactly.

// frequency in turns a position, times 2^64: low and high word; phase in turns, times 2^32; bits of the amplitude.
@group(0) @binding(2) var<storage, read> waves: array<vec4<u32>>;

// sin of angle / 2^32 turns.
fn sine(angle: u32) -> f32 {
    // angle = 2^30 (quadrant + t), |t| <= 1/2, rounded to 25 bits of t.
    let rounded = angle + 0x20000010u;
    let t = f32(bitcast<i32>((rounded << 2u) ^ 0x80000000u) >> 7u) * EXP2_MINUS_25;
    let point = cos_sin(t);
    let magnitude = select(point.y, point.x, (rounded & 0x40000000u) != 0u);
    return bitcast<f32>(bitcast<u32>(magnitude) ^ (rounded & 0x80000000u));
}

fn wave_element(place: vec2<u32>) -> u32 {
    let by_row = params.structure.x != 0u;
    let wave = waves[select(place.y, place.x, by_row)];
    let position = select(place.x, place.y, by_row);
    // The upper word of the product modulo 2^64.
    let turns = mul_wide(wave.x, position).y + wave.y * position;
    return encode(bitcast<f32>(wave.w) * sine(turns + wave.z));
}

fn block_elements(block: vec2<u32>) -> vec4<u32> {
    let a = divide(vec2<u32>(block.x << 2u, (block.y << 2u) | (block.x >> 30u)), params.columns);
    let b = next_place(a);
    let c = next_place(b);
    let d = next_place(c);
    return vec4<u32>(wave_element(a), wave_element(b), wave_element(c), wave_element(d));
}
