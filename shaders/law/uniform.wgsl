// The uniform law: odd integers k with |k| < 2^24, which `params.scale` = half-width / 2^24 spreads over the interval.

fn standard_block(words: Word4) -> Real4 {
    return Real4(odd_integer(words.x), odd_integer(words.y), odd_integer(words.z), odd_integer(words.w));
}
