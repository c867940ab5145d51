// 8-bit elements with 5 bits of exponent and 2 of mantissa (OCP 8-bit floating point, E5M2): rounded to nearest even,
// beyond 57344 saturated.
fn encode(x: f32) -> u32 {
    let finite = clamp(x, -57344.0, 57344.0);
    return ((bitcast<u32>(x) >> 24u) & 0x80u) | small_float(finite, 15u, 2u);
}
