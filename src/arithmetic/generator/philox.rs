//! Mirror of `shaders/generator/philox.wgsl`: Philox4x32-10.
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).

use crate::arithmetic::generator::mul_wide_u64::mul_wide;

pub(crate) const PHILOX_M: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
pub(crate) const PHILOX_W: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

#[inline]
fn philox_round(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let p = mul_wide(PHILOX_M[0], counter[0]);
    let q = mul_wide(PHILOX_M[1], counter[2]);
    [q[1] ^ counter[1] ^ key[0], q[0], p[1] ^ counter[3] ^ key[1], p[0]]
}

/// The four words of a 128-bit counter under a 64-bit key, least significant words first.
///
/// ```
/// let words = weightinit::arithmetic::generator::philox::philox([0; 4], [0; 2]);
/// assert_eq!(words, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
/// ```
#[inline]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let round_key = |round: u32| {
        [key[0].wrapping_add(PHILOX_W[0].wrapping_mul(round)), key[1].wrapping_add(PHILOX_W[1].wrapping_mul(round))]
    };
    (0..10).fold(counter, |state, round| philox_round(state, round_key(round)))
}
