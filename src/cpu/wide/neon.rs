//! NEON: a product in two vectors of 64-bit lanes, whose lower and upper words are then told apart, so that a vector
//! holds a word of four blocks.

use std::arch::aarch64::uint32x4_t;

use bytemuck::cast;
use pulp::aarch64::Neon;

use super::level::{Level, MOST_BLOCKS, pair, row};

impl Level for Neon {
    type Half = uint32x4_t;
    type Same = uint32x4_t;
    /// Lower words, and upper ones.
    type Product = [uint32x4_t; 2];

    #[inline(always)]
    fn same(self, word: u32) -> Self::Same {
        cast([word; 4])
    }

    #[inline(always)]
    fn half(self, n: &[u32; MOST_BLOCKS], _short: bool) -> Self::Half {
        cast([n[0], n[1], n[2], n[3]])
    }

    #[inline(always)]
    fn add(self, a: Self::Half, b: Self::Same) -> Self::Half {
        self.neon.vaddq_u32(a, b)
    }

    #[inline(always)]
    fn xor(self, a: Self::Half, b: Self::Half) -> Self::Half {
        self.neon.veorq_u32(a, b)
    }

    #[inline(always)]
    fn xor_same(self, a: Self::Half, b: Self::Same) -> Self::Half {
        self.xor(a, b)
    }

    #[inline(always)]
    fn multiply(self, a: Self::Half, b: Self::Same) -> Self::Product {
        let low = cast(self.neon.vmull_u32(self.neon.vget_low_u32(a), self.neon.vget_low_u32(b)));
        let high = cast(self.neon.vmull_high_u32(a, b));
        [self.neon.vuzp1q_u32(low, high), self.neon.vuzp2q_u32(low, high)]
    }

    #[inline(always)]
    fn upper(self, product: Self::Product) -> Self::Half {
        product[1]
    }

    #[inline(always)]
    fn lower(self, product: Self::Product) -> Self::Half {
        product[0]
    }

    #[inline(always)]
    fn deal(self, [w0, w1, w2, w3]: [Self::Half; 4]) -> [[Self::u32s; 2]; 2] {
        [[cast(w0), cast(w2)], [cast(w1), cast(w3)]]
    }

    #[inline(always)]
    fn join(self, even: [Self::u32s; 2], odd: [Self::u32s; 2]) -> [Self::u32s; 4] {
        let blocks = |rows: [uint32x4_t; 4]| {
            let [a, b, c, d] = transposed(self, rows);
            [cast(a), cast(b), cast(c), cast(d)]
        };
        blocks([cast(even[0]), cast(odd[0]), cast(even[1]), cast(odd[1])])
    }

    #[inline(always)]
    fn join_short(self, pairs: [Self::u32s; 2]) -> [Self::u32s; 2] {
        let (first, second) = (cast(pairs[0]), cast(pairs[1]));
        [cast(self.neon.vzip1q_u32(first, second)), cast(self.neon.vzip2q_u32(first, second))]
    }

    #[inline(always)]
    fn leading_zeros(self, words: Self::u32s) -> Self::u32s {
        cast(self.neon.vclzq_u32(cast(words)))
    }

    #[inline(always)]
    fn shift_signed(self, words: Self::u32s, by: Self::u32s) -> Self::u32s {
        cast(self.neon.vshlq_s32(cast(words), self.neon.vnegq_s32(cast(by))))
    }

    #[inline(always)]
    fn nearest(self, integers: Self::u32s) -> Self::f32s {
        cast(self.neon.vcvtq_f32_s32(cast(integers)))
    }

    #[inline(always)]
    fn look_up_pairs<const LENGTH: usize>(self, table: &[[u32; 2]; LENGTH], rows: Self::u32s) -> [Self::u32s; 2] {
        let rows = cast::<_, [u32; 4]>(rows);
        let pairs = |i: usize| cast::<_, uint32x4_t>([pair(table, rows[i]), pair(table, rows[i + 1])]);
        let (a, b) = (pairs(0), pairs(2));
        [cast(self.neon.vuzp1q_u32(a, b)), cast(self.neon.vuzp2q_u32(a, b))]
    }

    #[inline(always)]
    fn look_up<const LENGTH: usize>(self, table: &[f32; LENGTH], places: Self::u32s) -> [Self::f32s; 4] {
        let places = cast::<_, [u32; 4]>(places);
        let row = |i: usize| cast(row(table, places[i]));
        let [a, b, c, d] = transposed(self, [row(0), row(1), row(2), row(3)]);
        [cast(a), cast(b), cast(c), cast(d)]
    }
}

/// Rows as columns.
#[inline(always)]
fn transposed(level: Neon, [a, b, c, d]: [uint32x4_t; 4]) -> [uint32x4_t; 4] {
    let f = level.neon;
    let (ab, cd) = (cast(f.vzip1q_u32(a, b)), cast(f.vzip1q_u32(c, d)));
    let (ab_high, cd_high) = (cast(f.vzip2q_u32(a, b)), cast(f.vzip2q_u32(c, d)));
    let low = |a, b| cast(f.vzip1q_u64(a, b));
    let high = |a, b| cast(f.vzip2q_u64(a, b));
    [low(ab, cd), high(ab, cd), low(ab_high, cd_high), high(ab_high, cd_high)]
}
