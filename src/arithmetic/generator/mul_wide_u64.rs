//! Mirror of `shaders/generator/mul_wide_u64.wgsl`.

/// The 64-bit product of two words: (low, high).
#[inline]
pub fn mul_wide(a: u32, b: u32) -> [u32; 2] {
    let product = u64::from(a) * u64::from(b);
    [product as u32, (product >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use crate::arithmetic::generator::mul_wide_u32;
    use crate::arithmetic::generator::mul_wide_u64::mul_wide;

    #[test]
    fn halves_give_the_same_product() {
        let edges = [0, 1, 2, 0xffff, 0x1_0000, 0x1_0001, 0x7fff_ffff, 0x8000_0000, 0xffff_0000, u32::MAX];
        let spread = (0..20_000u32).map(|i| (i.wrapping_mul(0x9e37_79b9), i.wrapping_mul(0x85eb_ca6b) ^ 0xc2b2_ae35));
        for (a, b) in edges.iter().flat_map(|&a| edges.map(|b| (a, b))).chain(spread) {
            assert_eq!(mul_wide_u32::mul_wide(a, b), mul_wide(a, b), "{a:#x} * {b:#x}");
        }
    }
}
