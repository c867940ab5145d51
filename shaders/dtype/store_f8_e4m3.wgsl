// 8-bit elements with 4 bits of exponent and 3 of mantissa, no infinity (OCP 8-bit floating point, E4M3): rounded to
// nearest even, beyond 448 saturated.
fn encode(x: f32) -> u32 {
    let finite = clamp(x, -448.0, 448.0);
    return ((bitcast<u32>(x) >> 24u) & 0x80u) | small_float(finite, 7u, 3u);
}
