//! Mirror of `shaders/dtype/small_float.wgsl`.

/// The magnitude of x in a short floating-point format, rounded to nearest even, subnormal values too: exponent and
/// mantissa without the sign. For |x| that rounds to a finite value of the format.
#[inline]
pub fn small_float(x: f32, bias: u32, mantissa: u32) -> u32 {
    let magnitude = x.to_bits() & 0x7fff_ffff;
    let exponent = magnitude >> 23;
    let drop = 23 - mantissa;
    let usual =
        magnitude.wrapping_sub((127 - bias) << 23).wrapping_add((1 << (drop - 1)) - 1 + ((magnitude >> drop) & 1))
            >> drop;
    let significand = (magnitude & 0x7f_ffff) | 0x80_0000;
    let shift = (151 - bias - mantissa).wrapping_sub(exponent).clamp(1, 25);
    let small = (significand + (1 << (shift - 1)) - 1 + ((significand >> shift) & 1)) >> shift;
    if exponent >= 128 - bias { usual } else { small }
}
