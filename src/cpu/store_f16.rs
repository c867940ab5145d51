//! Mirror of `shaders/store_f16.wgsl`.

/// The sample rounded to nearest even, subnormal values too. For |x| that rounds to a finite f16.
#[inline]
pub fn encode(x: f32) -> u32 {
    let bits = x.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    let usual = magnitude.wrapping_sub(0x3800_0000).wrapping_add(0xfff + ((magnitude >> 13) & 1)) >> 13;
    let significand = (magnitude & 0x7f_ffff) | 0x80_0000;
    let shift = 126u32.wrapping_sub(magnitude >> 23).clamp(1, 25);
    let small = (significand + (1 << (shift - 1)) - 1 + ((significand >> shift) & 1)) >> shift;
    ((bits >> 16) & 0x8000) | if magnitude >= 0x3880_0000 { usual } else { small }
}

#[cfg(test)]
mod tests {
    use crate::cpu::store_bf16;

    /// Against the `half` crate: every 4 099th pattern, and all neighbours of the edges.
    #[test]
    fn rounding_is_that_of_half() {
        let edges = [0u32, 0x3300_0000, 0x3380_0000, 0x387f_e000, 0x3880_0000, 0x477f_e000].into_iter();
        let near = edges.flat_map(|edge| edge.saturating_sub(0x3000)..edge + 0x0fff);
        for bits in (0..0x477f_efff).step_by(4099).chain(near) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                assert_eq!(super::encode(x), u32::from(half::f16::from_f32(x).to_bits()), "{x:e}");
                assert_eq!(store_bf16::encode(x), u32::from(half::bf16::from_f32(x).to_bits()), "{x:e}");
            }
        }
    }
}
