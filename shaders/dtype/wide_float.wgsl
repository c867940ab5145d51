// The f32 equal to a finite magnitude of a short floating-point format, as bits without the sign.
fn wide_float(magnitude: u32, bias: u32, mantissa: u32) -> u32 {
    let usual = (magnitude << (23u - mantissa)) + ((127u - bias) << 23u);
    // Subnormal values are multiples of the smallest, a power of two.
    let multiple = bitcast<u32>(f32(magnitude & ((1u << mantissa) - 1u)));
    let small = select(multiple - ((bias + mantissa - 1u) << 23u), 0u, multiple == 0u);
    return select(usual, small, magnitude < (1u << mantissa));
}
