// The magnitude of x in a short floating-point format, rounded to nearest even, subnormal values too: exponent and
// mantissa without the sign. For |x| that rounds to a finite value of the format.
fn small_float(x: Real, bias: u32, mantissa: u32) -> Word {
    let magnitude = bitcast<Word>(x) & Word(0x7fffffffu);
    let exponent = magnitude >> Word(23u);
    let drop = 23u - mantissa;
    // From the format's smallest normal value on: a new exponent bias, and fewer bits.
    let rebiased = magnitude - ((127u - bias) << 23u);
    let usual = (rebiased + (1u << (drop - 1u)) - 1u + ((magnitude >> Word(drop)) & Word(1u))) >> Word(drop);
    // Below: the significand as a multiple of the smallest subnormal value; a shift of 25 leaves nothing.
    let significand = (magnitude & Word(0x7fffffu)) | Word(0x800000u);
    let shift = clamp(151u - bias - mantissa - exponent, Word(1u), Word(25u));
    let small = (significand + (Word(1u) << (shift - 1u)) - 1u + ((significand >> shift) & Word(1u))) >> shift;
    return select(small, usual, exponent >= Word(128u - bias));
}
