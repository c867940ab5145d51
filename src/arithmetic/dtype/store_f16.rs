//! Mirror of `shaders/dtype/store_f16.wgsl`.

use crate::arithmetic::dtype::small_float::small_float;

/// The sample rounded to nearest even. For |x| that rounds to a finite f16.
#[inline]
pub fn encode(x: f32) -> u32 {
    ((x.to_bits() >> 16) & 0x8000) | small_float(x, 15, 10)
}

#[cfg(test)]
mod tests {
    use crate::arithmetic::dtype::store_bf16;

    /// Against the `half` crate: every 4 099th pattern, and all neighbours of the edges; fewer where Miri interprets
    /// them.
    #[test]
    fn rounding_is_that_of_half() {
        let edges = [0u32, 0x3300_0000, 0x3380_0000, 0x387f_e000, 0x3880_0000, 0x477f_e000].into_iter();
        let near = edges.flat_map(|edge| edge.saturating_sub(0x3000)..edge + 0x0fff);
        let (stride, nearness) = if cfg!(miri) { (4_099_000, 499) } else { (4099, 1) };
        for bits in (0..0x477f_efff).step_by(stride).chain(near.step_by(nearness)) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                assert_eq!(super::encode(x), u32::from(half::f16::from_f32(x).to_bits()), "{x:e}");
                assert_eq!(store_bf16::encode(x), u32::from(half::bf16::from_f32(x).to_bits()), "{x:e}");
            }
        }
    }
}
