//! Arithmetic on a group of vectors at once. Each step of a law then is as many independent instructions as there are
//! vectors: each step waits for the one before it, and processors look only so far ahead for other work.

use std::hint::black_box;

use bytemuck::Zeroable;
use pulp::Simd;

use super::level::Level;

/// Something for each vector of even or of odd lanes of some units.
pub(super) type Group<T, const UNITS: usize> = [[T; 2]; UNITS];
/// A word for each of their lanes.
pub(super) type Words<L, const UNITS: usize> = Group<<L as Simd>::u32s, UNITS>;
/// A number for each of their lanes.
pub(super) type Numbers<L, const UNITS: usize> = Group<<L as Simd>::f32s, UNITS>;

/// What is done vector by vector.
#[derive(Clone, Copy)]
pub(super) struct Vectors<L, const UNITS: usize>(pub(super) L);

macro_rules! vector_by_vector {
    ($($name:ident($($argument:ident: $type:ident),+) -> $result:ident;)+) => {$(
        #[inline(always)]
        pub(super) fn $name(self, $($argument: Group<L::$type, UNITS>),+) -> Group<L::$result, UNITS> {
            let mut result = [[L::$result::zeroed(); 2]; UNITS];
            for unit in 0..UNITS {
                for i in 0..2 {
                    result[unit][i] = self.0.$name($($argument[unit][i]),+);
                }
            }
            result
        }
    )+};
}

impl<L: Level, const UNITS: usize> Vectors<L, UNITS> {
    vector_by_vector! {
        add_u32s(a: u32s, b: u32s) -> u32s;
        sub_u32s(a: u32s, b: u32s) -> u32s;
        mul_u32s(a: u32s, b: u32s) -> u32s;
        and_u32s(a: u32s, b: u32s) -> u32s;
        or_u32s(a: u32s, b: u32s) -> u32s;
        xor_u32s(a: u32s, b: u32s) -> u32s;
        less_than_u32s(a: u32s, b: u32s) -> m32s;
        less_than_or_equal_u32s(a: u32s, b: u32s) -> m32s;
        select_u32s(mask: m32s, a: u32s, b: u32s) -> u32s;
        wrapping_dyn_shl_u32s(a: u32s, by: u32s) -> u32s;
        wrapping_dyn_shr_u32s(a: u32s, by: u32s) -> u32s;
        upper_of_short(a: u32s, b: u32s) -> u32s;
        shift_signed(a: u32s, by: u32s) -> u32s;
        leading_zeros(a: u32s) -> u32s;
        nearest(a: u32s) -> f32s;
        f16_bits(x: f32s) -> u32s;
        add_f32s(a: f32s, b: f32s) -> f32s;
        sub_f32s(a: f32s, b: f32s) -> f32s;
        mul_f32s(a: f32s, b: f32s) -> f32s;
        max_f32s(a: f32s, b: f32s) -> f32s;
        min_f32s(a: f32s, b: f32s) -> f32s;
        select_f32s(mask: m32s, a: f32s, b: f32s) -> f32s;
        transmute_f32s_u32s(a: u32s) -> f32s;
        transmute_u32s_f32s(a: f32s) -> u32s;
    }

    /// The same word everywhere.
    #[inline(always)]
    pub(super) fn word(self, word: u32) -> Words<L, UNITS> {
        [[self.0.splat_u32s(word); 2]; UNITS]
    }

    /// The same number everywhere.
    #[inline(always)]
    pub(super) fn number(self, number: f32) -> Numbers<L, UNITS> {
        [[self.0.splat_f32s(number); 2]; UNITS]
    }

    /// Shifts every word to the left by less than 32.
    #[inline(always)]
    pub(super) fn shift_left(self, a: Words<L, UNITS>, by: u32) -> Words<L, UNITS> {
        self.wrapping_dyn_shl_u32s(a, self.word(by))
    }

    /// Shifts every word to the right by less than 32.
    #[inline(always)]
    pub(super) fn shift_right(self, a: Words<L, UNITS>, by: u32) -> Words<L, UNITS> {
        self.wrapping_dyn_shr_u32s(a, self.word(by))
    }

    /// `a * b + c` in two roundings.
    #[inline(always)]
    pub(super) fn mul_add(self, a: Numbers<L, UNITS>, b: Numbers<L, UNITS>, c: Numbers<L, UNITS>) -> Numbers<L, UNITS> {
        self.add_f32s(self.mul_f32s(a, b), c)
    }

    /// The polynomial with these coefficients, lowest power first.
    #[inline(always)]
    pub(super) fn polynomial<const COUNT: usize>(self, c: &[f32; COUNT], x: Numbers<L, UNITS>) -> Numbers<L, UNITS> {
        let mut p = self.number(c[COUNT - 1]);
        for i in (0..COUNT - 1).rev() {
            p = self.mul_add(p, x, self.number(c[i]));
        }
        p
    }

    /// The columns of a table of so many numbers in the given rows.
    #[inline(always)]
    pub(super) fn look_up<const LENGTH: usize>(self, table: &[f32], rows: Words<L, UNITS>) -> [Numbers<L, UNITS>; 4] {
        let table = table.last_chunk::<LENGTH>().expect("an octave has as many segments as it says");
        // By way of memory: to take a vector apart is slower.
        let places = black_box(self.shift_left(rows, 2));
        let mut columns = [self.number(0.0); 4];
        for unit in 0..UNITS {
            for i in 0..2 {
                let found = self.0.look_up(table, places[unit][i]);
                for column in 0..4 {
                    columns[column][unit][i] = found[column];
                }
            }
        }
        columns
    }

    /// The first and the second word of a table of so many rows, in the given ones.
    #[inline(always)]
    pub(super) fn look_up_pairs<const LENGTH: usize>(
        self,
        table: &[[u32; 2]],
        rows: Words<L, UNITS>,
    ) -> [Words<L, UNITS>; 2] {
        let table = table.last_chunk::<LENGTH>().expect("an octave has as many segments as it says");
        // By way of memory, as above.
        let rows = black_box(rows);
        let mut columns = [self.word(0); 2];
        for unit in 0..UNITS {
            for i in 0..2 {
                let [first, second] = self.0.look_up_pairs(table, rows[unit][i]);
                (columns[0][unit][i], columns[1][unit][i]) = (first, second);
            }
        }
        columns
    }
}
