//! Mirror of `shaders/dtype/store_f64.wgsl`.

/// The sample's own bits, which [`widen`] makes an f64 of.
#[inline]
pub fn encode(x: f32) -> u32 {
    x.to_bits()
}

/// (low, high) words of the f64 equal to an f32 that is 0 or normal.
#[inline]
pub fn widen(bits: u32) -> [u32; 2] {
    let magnitude = bits & 0x7fff_ffff;
    let high = if magnitude == 0 { 0 } else { (magnitude >> 3) + 0x3800_0000 };
    [bits << 29, (bits & 0x8000_0000) | high]
}

#[cfg(test)]
mod tests {
    #[test]
    fn widening_is_exact() {
        let normal = (0x0080_0000..0x7f80_0000u32).step_by(if cfg!(miri) { 4_093_001 } else { 4093 });
        for bits in normal.flat_map(|bits| [bits, bits | 0x8000_0000]).chain([0, 0x8000_0000, 0x7f7f_ffff]) {
            let [low, high] = super::widen(bits);
            assert_eq!(u64::from(low) | u64::from(high) << 32, f64::from(f32::from_bits(bits)).to_bits());
        }
    }
}
