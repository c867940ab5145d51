//! What the fast path asks of a processor's vectors besides what `pulp` has for all of them.

use bytemuck::cast;
use pulp::Simd;

/// Blocks of the largest unit.
pub(super) const MOST_BLOCKS: usize = 16;

/// Its blocks, counted.
pub(super) const COUNTED: [u32; MOST_BLOCKS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// What is computed with a processor's vectors.
pub(in crate::cpu) trait Computation {
    /// With `UNITS` units at a time.
    fn compute<L: Level, const UNITS: usize>(self, level: L);
}

/// A processor's vectors.
pub(in crate::cpu) trait Level: Simd {
    /// A word of each block of a unit, as the generator multiplies it.
    type Half: Copy;
    /// A word that is the same for all blocks.
    type Same: Copy;
    /// The 64-bit product of two such words.
    type Product: Copy;
    /// Blocks of a unit.
    const BLOCKS: usize = Self::U32_LANES;

    /// Computes with these vectors and as many units as the registers hold.
    #[inline(always)]
    fn run(self, computation: impl Computation) {
        self.vectorize(
            #[inline(always)]
            || computation.compute::<_, 2>(self),
        );
    }

    /// The same word for all blocks.
    fn same(self, word: u32) -> Self::Same;

    /// A unit's numbers of blocks, the first of these, in the order in which blocks must be for [`Level::join`], or for
    /// [`Level::join_short`].
    fn half(self, numbers: &[u32; MOST_BLOCKS], short: bool) -> Self::Half;

    /// Sum modulo 2^32.
    fn add(self, a: Self::Half, b: Self::Same) -> Self::Half;

    /// Exclusive or.
    fn xor(self, a: Self::Half, b: Self::Half) -> Self::Half;

    /// Likewise with the same word.
    fn xor_same(self, a: Self::Half, b: Self::Same) -> Self::Half;

    /// The whole product.
    fn multiply(self, a: Self::Half, b: Self::Same) -> Self::Product;

    /// Its upper word.
    fn upper(self, product: Self::Product) -> Self::Half;

    /// Its lower word.
    fn lower(self, product: Self::Product) -> Self::Half;

    /// The words of a unit's even lanes, and of its odd ones.
    fn deal(self, words: [Self::Half; 4]) -> [[Self::u32s; 2]; 2];

    /// A unit's elements in order, from those of its even and of its odd lanes.
    fn join(self, even: [Self::u32s; 2], odd: [Self::u32s; 2]) -> [Self::u32s; 4];

    /// Likewise from an even and an odd element of 16 bits in each place.
    fn join_short(self, pairs: [Self::u32s; 2]) -> [Self::u32s; 2];

    /// How many zeros words begin with that are not 0.
    fn leading_zeros(self, words: Self::u32s) -> Self::u32s;

    /// Shifts each word to the right with its sign, by less than 32.
    fn shift_signed(self, words: Self::u32s, by: Self::u32s) -> Self::u32s;

    /// The number nearest to each integer with sign.
    fn nearest(self, integers: Self::u32s) -> Self::f32s;

    /// The four numbers of a table from each of the given places on, which are modulo its length and multiples of 4.
    fn look_up<const LENGTH: usize>(self, table: &[f32; LENGTH], places: Self::u32s) -> [Self::f32s; 4];

    /// The first and the second words of the given rows of a table, which are modulo its length.
    fn look_up_pairs<const LENGTH: usize>(self, table: &[[u32; 2]; LENGTH], rows: Self::u32s) -> [Self::u32s; 2];

    /// The upper 16 bits of the products of words below 2^16.
    #[inline(always)]
    fn upper_of_short(self, a: Self::u32s, b: Self::u32s) -> Self::u32s {
        self.wrapping_dyn_shr_u32s(self.mul_u32s(a, b), self.splat_u32s(16))
    }

    /// The bits of f16 numbers, rounded to nearest even. For those that round to a finite one.
    #[inline(always)]
    fn f16_bits(self, x: Self::f32s) -> Self::u32s {
        let shift_right = |bits, by| self.wrapping_dyn_shr_u32s(bits, self.splat_u32s(by));
        let bits = self.transmute_u32s_f32s(x);
        let sign = self.and_u32s(shift_right(bits, 16), self.splat_u32s(0x8000));
        let magnitude = self.and_u32s(bits, self.splat_u32s(0x7fff_ffff));
        let odd = self.and_u32s(shift_right(magnitude, 13), self.splat_u32s(1));
        let rounded = self.add_u32s(self.add_u32s(magnitude, odd), self.splat_u32s(0xfff_u32.wrapping_sub(112 << 23)));
        // One half has the unit that the least f16 numbers are multiples of.
        let multiple = self.add_f32s(self.transmute_f32s_u32s(magnitude), self.splat_f32s(0.5));
        let small = self.sub_u32s(self.transmute_u32s_f32s(multiple), self.splat_u32s(0.5f32.to_bits()));
        let is_small = self.less_than_u32s(magnitude, self.splat_u32s(113 << 23));
        self.or_u32s(sign, self.select_u32s(is_small, small, shift_right(rounded, 13)))
    }
}

/// The four numbers from a place on. The compiler sees that they are there.
#[inline(always)]
pub(super) fn row<const LENGTH: usize>(table: &[f32; LENGTH], place: u32) -> [f32; 4] {
    let place = place as usize & (LENGTH - 4);
    [table[place], table[place + 1], table[place + 2], table[place + 3]]
}

/// The words of a row, as one. The compiler sees that they are there.
#[inline(always)]
pub(super) fn pair<const LENGTH: usize>(table: &[[u32; 2]; LENGTH], row: u32) -> u64 {
    cast(table[row as usize & (LENGTH - 1)])
}
