// The standard normal law by the device's own functions: the words and the transform of normal.wgsl, other bits.

fn box_muller(radius_word: u32, angle_word: u32) -> vec2<f32> {
    // The nearest f32 to u; where it rounds to 1 the logarithm may come out positive, hence the maximum.
    let u = f32(radius_word | 1u) * EXP2_MINUS_32;
    let r = sqrt(max(-2.0 * log(u), 0.0));
    // The angle as a signed share of half a turn, since WGSL bounds the errors of cos and sin on [-pi, pi] only.
    let share = (angle_word & 0xC0000000u) + bitcast<u32>(extractBits(bitcast<i32>(angle_word), 0u, 30u));
    let angle = odd_integer(share) * PI_OVER_2_24;
    return vec2<f32>(r * cos(angle), r * sin(angle));
}

fn standard_block(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(box_muller(words.x, words.y), box_muller(words.z, words.w));
}
