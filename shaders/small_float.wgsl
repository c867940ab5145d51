// The magnitude of x in a short floating-point format, rounded to nearest even, subnormal values too: exponent and mantissa
// without the sign. For |x| that rounds to a finite value of the format.
fn small_float(x: f32, bias: u32, mantissa: u32) -> u32 {
    let magnitude = bitcast<u32>(x) & 0x7fffffffu;
    let exponent = magnitude >> 23u;
    let drop = 23u - mantissa;
    // From the format's smallest normal value on: a new exponent bias, and fewer bits.
    let usual = (magnitude - ((127u - bias) << 23u) + (1u << (drop - 1u)) - 1u + ((magnitude >> drop) & 1u)) >> drop;
    // Below: the significand as a multiple of the smallest subnormal value; a shift of 25 leaves nothing.
    let significand = (magnitude & 0x7fffffu) | 0x800000u;
    let shift = clamp(151u - bias - mantissa - exponent, 1u, 25u);
    let small = (significand + (1u << (shift - 1u)) - 1u + ((significand >> shift) & 1u)) >> shift;
    return select(small, usual, exponent >= 128u - bias);
}
