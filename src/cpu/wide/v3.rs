//! AVX2: a product in each 64-bit lane, so that a vector holds a word of four blocks.

use std::arch::x86_64::{__m128, __m128i, __m256, __m256i};

use bytemuck::cast;
use pulp::Simd;
use pulp::x86::V3;

use super::level::{Level, MOST_BLOCKS, pair, row};

impl Level for V3 {
    type Half = [__m256i; 2];
    type Same = __m256i;
    type Product = [__m256i; 2];

    #[inline(always)]
    fn same(self, word: u32) -> Self::Same {
        cast([u64::from(word); 4])
    }

    #[inline(always)]
    fn half(self, n: &[u32; MOST_BLOCKS], short: bool) -> Self::Half {
        let [mut low, mut high, ..] = cast::<_, [__m128i; 4]>(*n);
        if !short {
            (low, high) = (self.sse2._mm_shuffle_epi32::<0xd8>(low), self.sse2._mm_shuffle_epi32::<0xd8>(high));
        }
        [self.avx2._mm256_cvtepu32_epi64(low), self.avx2._mm256_cvtepu32_epi64(high)]
    }

    #[inline(always)]
    fn add(self, a: Self::Half, b: Self::Same) -> Self::Half {
        [self.avx2._mm256_add_epi64(a[0], b), self.avx2._mm256_add_epi64(a[1], b)]
    }

    #[inline(always)]
    fn xor(self, a: Self::Half, b: Self::Half) -> Self::Half {
        [self.avx2._mm256_xor_si256(a[0], b[0]), self.avx2._mm256_xor_si256(a[1], b[1])]
    }

    #[inline(always)]
    fn xor_same(self, a: Self::Half, b: Self::Same) -> Self::Half {
        self.xor(a, [b; 2])
    }

    #[inline(always)]
    fn multiply(self, a: Self::Half, b: Self::Same) -> Self::Product {
        [self.avx2._mm256_mul_epu32(a[0], b), self.avx2._mm256_mul_epu32(a[1], b)]
    }

    /// Once as a shift and once as a shuffle, which most processors do in different places.
    #[inline(always)]
    fn upper(self, product: Self::Product) -> Self::Half {
        let shuffled = self.avx._mm256_movehdup_ps(cast(product[1]));
        [self.avx2._mm256_srli_epi64::<32>(product[0]), cast(shuffled)]
    }

    /// Nobody reads the upper halves of lanes.
    #[inline(always)]
    fn lower(self, product: Self::Product) -> Self::Half {
        product
    }

    #[inline(always)]
    fn deal(self, [w0, w1, w2, w3]: [Self::Half; 4]) -> [[Self::u32s; 2]; 2] {
        let pack = |low, high| {
            let high = self.avx._mm256_moveldup_ps(cast::<__m256i, _>(high));
            cast::<__m256, _>(self.avx._mm256_blend_ps::<0xaa>(cast::<__m256i, _>(low), high))
        };
        [[pack(w0[0], w2[0]), pack(w0[1], w2[1])], [pack(w1[0], w3[0]), pack(w1[1], w3[1])]]
    }

    #[inline(always)]
    fn join(self, even: [Self::u32s; 2], odd: [Self::u32s; 2]) -> [Self::u32s; 4] {
        let low = |i: usize| cast(self.avx2._mm256_unpacklo_epi32(cast(even[i]), cast(odd[i])));
        let high = |i: usize| cast(self.avx2._mm256_unpackhi_epi32(cast(even[i]), cast(odd[i])));
        [low(0), high(0), low(1), high(1)]
    }

    #[inline(always)]
    fn join_short(self, pairs: [Self::u32s; 2]) -> [Self::u32s; 2] {
        pairs
    }

    /// By the exponent of the word as an f32, with the bit after its first cleared, so that it is not rounded up to the
    /// next power of 2.
    #[inline(always)]
    fn leading_zeros(self, words: Self::u32s) -> Self::u32s {
        let cleared = self.and_u32s(words, self.not_u32s(self.wrapping_dyn_shr_u32s(words, self.splat_u32s(1))));
        let bits = self.transmute_u32s_f32s(self.nearest(cleared));
        let exponent = self.wrapping_dyn_shr_u32s(bits, self.splat_u32s(23));
        // A word without zeros is negative, and the sign beside its exponent exceeds every difference.
        cast(self.avx2._mm256_subs_epu16(cast([158u32; 8]), cast(exponent)))
    }

    #[inline(always)]
    fn shift_signed(self, words: Self::u32s, by: Self::u32s) -> Self::u32s {
        cast(self.avx2._mm256_srav_epi32(cast(words), cast(by)))
    }

    #[inline(always)]
    fn nearest(self, integers: Self::u32s) -> Self::f32s {
        cast(self.avx._mm256_cvtepi32_ps(cast(integers)))
    }

    #[inline(always)]
    fn upper_of_short(self, a: Self::u32s, b: Self::u32s) -> Self::u32s {
        cast(self.avx2._mm256_mulhi_epu16(cast(a), cast(b)))
    }

    #[inline(always)]
    fn look_up_pairs<const LENGTH: usize>(self, table: &[[u32; 2]; LENGTH], rows: Self::u32s) -> [Self::u32s; 2] {
        let rows = cast::<_, [u32; 8]>(rows);
        // Written out: a map of an array may become a function of its own, which has no wide vectors.
        let a = [pair(table, rows[0]), pair(table, rows[1]), pair(table, rows[4]), pair(table, rows[5])];
        let b = [pair(table, rows[2]), pair(table, rows[3]), pair(table, rows[6]), pair(table, rows[7])];
        let (a, b) = (cast::<_, __m256>(a), cast::<_, __m256>(b));
        [cast(self.avx._mm256_shuffle_ps::<0x88>(a, b)), cast(self.avx._mm256_shuffle_ps::<0xdd>(a, b))]
    }

    #[inline(always)]
    fn look_up<const LENGTH: usize>(self, table: &[f32; LENGTH], places: Self::u32s) -> [Self::f32s; 4] {
        let (places, f) = (cast::<_, [u32; 8]>(places), self.avx);
        // Every fourth row in one vector, for each half of which the rest is then the same.
        let mut fourths = [f._mm256_setzero_ps(); 4];
        for i in 0..4 {
            let row = |half: usize| cast::<_, __m128>(row(table, places[4 * half + i]));
            fourths[i] = f._mm256_insertf128_ps::<1>(f._mm256_castps128_ps256(row(0)), row(1));
        }
        let [a, b, c, d] = fourths;
        let low = |a, b| f._mm256_castps_pd(f._mm256_unpacklo_ps(a, b));
        let high = |a, b| f._mm256_castps_pd(f._mm256_unpackhi_ps(a, b));
        let (ab, cd, ab_high, cd_high) = (low(a, b), low(c, d), high(a, b), high(c, d));
        let low = |a, b| cast(f._mm256_unpacklo_pd(a, b));
        let high = |a, b| cast(f._mm256_unpackhi_pd(a, b));
        [low(ab, cd), high(ab, cd), low(ab_high, cd_high), high(ab_high, cd_high)]
    }
}
