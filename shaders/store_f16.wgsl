// f16 elements: rounded to nearest even, subnormal ones too. For |x| that rounds to a finite f16.
fn encode(x: f32) -> u32 {
    let bits = bitcast<u32>(x);
    let magnitude = bits & 0x7fffffffu;
    // From 2^-14 on: a new exponent bias, and 13 bits less.
    let usual = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13u) & 1u)) >> 13u;
    // Below: the significand as a multiple of 2^-24; a shift of 25 leaves nothing.
    let significand = (magnitude & 0x7fffffu) | 0x800000u;
    let shift = clamp(126u - (magnitude >> 23u), 1u, 25u);
    let small = (significand + (1u << (shift - 1u)) - 1u + ((significand >> shift) & 1u)) >> shift;
    return ((bits >> 16u) & 0x8000u) | select(small, usual, magnitude >= 0x38800000u);
}
