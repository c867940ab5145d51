// The standard normal law by the device's own functions: the words and the transform of normal.wgsl, other bits.

fn box_muller(radius_word: Word, angle_word: Word) -> Real2 {
    // The nearest f32 to u; where it rounds to 1 the logarithm may come out positive, hence the maximum.
    let u = Real(radius_word | Word(1u)) * EXP2_MINUS_32;
    let r = sqrt(max(-2.0 * log(u), Real(0.0)));
    // The angle as a signed share of half a turn, since WGSL bounds the errors of cos and sin on [-pi, pi] only.
    let share = (angle_word & Word(0xC0000000u)) + bitcast<Word>(extractBits(bitcast<Int>(angle_word), 0u, 30u));
    let angle = odd_integer(share) * PI_OVER_2_24;
    return Real2(r * cos(angle), r * sin(angle));
}

fn standard_block(words: Word4) -> Real4 {
    let a = box_muller(words.x, words.y);
    let b = box_muller(words.z, words.w);
    return Real4(a.x, a.y, b.x, b.y);
}
