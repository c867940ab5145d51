//! AVX-512: a product in each 64-bit lane, so that a vector holds a word of eight blocks.

use std::arch::x86_64::{__m128, __m256i, __m512, __m512i, _MM_PERM_CCAA};

use bytemuck::cast;
use pulp::x86::V4;

use super::level::{Level, MOST_BLOCKS, pair, row};

impl Level for V4 {
    type Half = [__m512i; 2];
    type Same = __m512i;
    type Product = [__m512i; 2];

    #[inline(always)]
    fn same(self, word: u32) -> Self::Same {
        cast([u64::from(word); 8])
    }

    #[inline(always)]
    fn half(self, n: &[u32; MOST_BLOCKS], short: bool) -> Self::Half {
        let order: __m256i = cast(if short { [0, 1, 2, 3, 4, 5, 6, 7] } else { [0, 4, 1, 5, 2, 6, 3, 7] });
        let [low, high] = cast::<_, [__m256i; 2]>(*n);
        let low = self.avx2._mm256_permutevar8x32_epi32(low, order);
        let high = self.avx2._mm256_permutevar8x32_epi32(high, order);
        [self.avx512f._mm512_cvtepu32_epi64(low), self.avx512f._mm512_cvtepu32_epi64(high)]
    }

    #[inline(always)]
    fn add(self, a: Self::Half, b: Self::Same) -> Self::Half {
        [self.avx512f._mm512_add_epi64(a[0], b), self.avx512f._mm512_add_epi64(a[1], b)]
    }

    #[inline(always)]
    fn xor(self, a: Self::Half, b: Self::Half) -> Self::Half {
        [self.avx512f._mm512_xor_si512(a[0], b[0]), self.avx512f._mm512_xor_si512(a[1], b[1])]
    }

    #[inline(always)]
    fn xor_same(self, a: Self::Half, b: Self::Same) -> Self::Half {
        self.xor(a, [b; 2])
    }

    #[inline(always)]
    fn multiply(self, a: Self::Half, b: Self::Same) -> Self::Product {
        [self.avx512f._mm512_mul_epu32(a[0], b), self.avx512f._mm512_mul_epu32(a[1], b)]
    }

    /// Once as a shift and once as a shuffle, which most processors do in different places.
    #[inline(always)]
    fn upper(self, product: Self::Product) -> Self::Half {
        let shuffled = self.avx512f._mm512_movehdup_ps(cast(product[1]));
        [self.avx512f._mm512_srli_epi64::<32>(product[0]), cast(shuffled)]
    }

    /// Nobody reads the upper halves of lanes.
    #[inline(always)]
    fn lower(self, product: Self::Product) -> Self::Half {
        product
    }

    #[inline(always)]
    fn deal(self, [w0, w1, w2, w3]: [Self::Half; 4]) -> [[Self::u32s; 2]; 2] {
        let pack =
            |low, high| cast::<__m512i, _>(self.avx512f._mm512_mask_shuffle_epi32::<_MM_PERM_CCAA>(low, 0xaaaa, high));
        [[pack(w0[0], w2[0]), pack(w0[1], w2[1])], [pack(w1[0], w3[0]), pack(w1[1], w3[1])]]
    }

    #[inline(always)]
    fn join(self, even: [Self::u32s; 2], odd: [Self::u32s; 2]) -> [Self::u32s; 4] {
        let low = |i: usize| cast(self.avx512f._mm512_unpacklo_epi32(cast(even[i]), cast(odd[i])));
        let high = |i: usize| cast(self.avx512f._mm512_unpackhi_epi32(cast(even[i]), cast(odd[i])));
        [low(0), high(0), low(1), high(1)]
    }

    #[inline(always)]
    fn join_short(self, pairs: [Self::u32s; 2]) -> [Self::u32s; 2] {
        pairs
    }

    #[inline(always)]
    fn leading_zeros(self, words: Self::u32s) -> Self::u32s {
        cast(self.avx512cd._mm512_lzcnt_epi32(cast(words)))
    }

    #[inline(always)]
    fn shift_signed(self, words: Self::u32s, by: Self::u32s) -> Self::u32s {
        cast(self.avx512f._mm512_srav_epi32(cast(words), cast(by)))
    }

    #[inline(always)]
    fn nearest(self, integers: Self::u32s) -> Self::f32s {
        cast(self.avx512f._mm512_cvtepi32_ps(cast(integers)))
    }

    #[inline(always)]
    fn upper_of_short(self, a: Self::u32s, b: Self::u32s) -> Self::u32s {
        cast(self.avx512bw._mm512_mulhi_epu16(cast(a), cast(b)))
    }

    #[inline(always)]
    fn look_up_pairs<const LENGTH: usize>(self, table: &[[u32; 2]; LENGTH], rows: Self::u32s) -> [Self::u32s; 2] {
        let rows = cast::<_, [u32; 16]>(rows);
        // Written out: a map of an array may become a function of its own, which has no wide vectors.
        let a = [
            pair(table, rows[0]),
            pair(table, rows[1]),
            pair(table, rows[4]),
            pair(table, rows[5]),
            pair(table, rows[8]),
            pair(table, rows[9]),
            pair(table, rows[12]),
            pair(table, rows[13]),
        ];
        let b = [
            pair(table, rows[2]),
            pair(table, rows[3]),
            pair(table, rows[6]),
            pair(table, rows[7]),
            pair(table, rows[10]),
            pair(table, rows[11]),
            pair(table, rows[14]),
            pair(table, rows[15]),
        ];
        let (a, b) = (cast::<_, __m512>(a), cast::<_, __m512>(b));
        [cast(self.avx512f._mm512_shuffle_ps::<0x88>(a, b)), cast(self.avx512f._mm512_shuffle_ps::<0xdd>(a, b))]
    }

    #[inline(always)]
    fn look_up<const LENGTH: usize>(self, table: &[f32; LENGTH], places: Self::u32s) -> [Self::f32s; 4] {
        let (places, f) = (cast::<_, [u32; 16]>(places), self.avx512f);
        // Every fourth row in one vector, for each quarter of which the rest is then the same.
        let mut fourths = [f._mm512_setzero_ps(); 4];
        for i in 0..4 {
            let row = |quarter: usize| cast::<_, __m128>(row(table, places[4 * quarter + i]));
            let first = f._mm512_castps128_ps512(row(0));
            let half = f._mm512_insertf32x4::<1>(first, row(1));
            fourths[i] = f._mm512_insertf32x4::<3>(f._mm512_insertf32x4::<2>(half, row(2)), row(3));
        }
        let [a, b, c, d] = fourths;
        let low = |a, b| f._mm512_castps_pd(f._mm512_unpacklo_ps(a, b));
        let high = |a, b| f._mm512_castps_pd(f._mm512_unpackhi_ps(a, b));
        let (ab, cd, ab_high, cd_high) = (low(a, b), low(c, d), high(a, b), high(c, d));
        let low = |a, b| cast(f._mm512_unpacklo_pd(a, b));
        let high = |a, b| cast(f._mm512_unpackhi_pd(a, b));
        [low(ab, cd), high(ab, cd), low(ab_high, cd_high), high(ab_high, cd_high)]
    }

    #[inline(always)]
    fn f16_bits(self, x: Self::f32s) -> Self::u32s {
        let bits = self.avx512f._mm512_cvtps_ph::<0>(cast::<_, __m512>(x));
        cast(self.avx512f._mm512_cvtepu16_epi32(bits))
    }
}
