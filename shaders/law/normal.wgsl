// The standard normal law: Box and Muller, "A note on the generation of random normal deviates" (1958), in portable
// arithmetic. Coefficients come from scripts/make/fit_polynomials.py by way of src/arithmetic/law/coefficients.rs.

// -2 ln(u), u = (word | 1) / 2^32: never 0, at most 64 ln 2.
fn minus_two_log(word: Word) -> Real {
    let a = word | Word(1u);
    let zeros = countLeadingZeros(a);
    // u = 2^-exponent (1 + f), f in [sqrt(1/2) - 1, sqrt(2) - 1]. The distance from 1 is taken in full, with its sign,
    // since a mantissa cut to 24 bits would be wrong by orders of magnitude near u = 1. For a = 1 the exponent is 32,
    // and the distance comes out as 1 instead of 0: too little to change the logarithm.
    let exponent = zeros + select(Word(0u), Word(1u), (a << zeros) <= SQRT_HALF);
    let distance = bitcast<Int>(a << (exponent & Word(31u)));
    // Both products are exact: by powers of two.
    let f = Real(distance >> Word(16u)) * EXP2_MINUS_16 + Real(distance & Int(0xffff)) * EXP2_MINUS_32;
    // LOG: 2 ln(1 + f) / f.
    var p = mul_add(LOG_8, f, LOG_7);
    p = mul_add(p, f, LOG_6);
    p = mul_add(p, f, LOG_5);
    p = mul_add(p, f, LOG_4);
    p = mul_add(p, f, LOG_3);
    p = mul_add(p, f, LOG_2);
    p = mul_add(p, f, LOG_1);
    p = mul_add(p, f, LOG_0);
    return barrier(Real(exponent) * TWO_LN_2) - barrier(f * p);
}

// sqrt(x) for normal x > 0: three of Newton's steps for 1/sqrt(x) from the well-known first guess.
fn square_root(x: Real) -> Real {
    var y = bitcast<Real>(SQRT_MAGIC - (bitcast<Word>(x) >> Word(1u)));
    y = newton_step(y, x);
    y = newton_step(y, x);
    y = newton_step(y, x);
    return x * y;
}

fn newton_step(y: Real, x: Real) -> Real {
    let correction = 1.5 - barrier(x * halved(y * y));
    return barrier(y * correction);
}

// (cos, sin) of an angle word's place in its quadrant: angle = pi/2 (quadrant + t), t an odd integer over 2^25. Product
// and sum are exact. The bits are extracted, not shifted up first: that shift would become one more product at the end
// of Philox.
fn direction(angle_word: Word) -> Real2 {
    return cos_sin(Real(extractBits(bitcast<Int>(angle_word), 6u, 24u)) * EXP2_MINUS_24 + EXP2_MINUS_25);
}

// Two samples: the point at distance r in a direction, turned into the quadrant of the angle word.
fn turned(r: Real, point: Real2, angle_word: Word) -> Real2 {
    let odd_quadrant = (angle_word & Word(0x40000000u)) != Word(0u);
    let x = r * select(point.x, -point.y, odd_quadrant);
    let y = r * select(point.y, point.x, odd_quadrant);
    // Half a turn changes both signs. Integer operations on run-time bits: barriers as well.
    let half_turn = angle_word & Word(0x80000000u);
    return Real2(bitcast<Real>(bitcast<Word>(x) ^ half_turn), bitcast<Real>(bitcast<Word>(y) ^ half_turn));
}

// Two samples from the words of a pair: the radius word of the even lane and the angle word of the odd lane.
fn box_muller(radius_word: Word, angle_word: Word) -> Real2 {
    return turned(barrier(square_root(minus_two_log(radius_word))), direction(angle_word), angle_word);
}

fn standard_block(words: Word4) -> Real4 {
    let a = box_muller(words.x, words.y);
    let b = box_muller(words.z, words.w);
    return Real4(a.x, a.y, b.x, b.y);
}
