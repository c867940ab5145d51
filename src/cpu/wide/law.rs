//! The mirrors of `arithmetic/law`, on groups of vectors.

use super::level::Level;
use super::vectors::{Numbers, Vectors, Words};
use crate::arithmetic::law::coefficients::{
    COS, EXP2_MINUS_23, EXP2_MINUS_25, EXP2_MINUS_32, FIRST_POSITION, LOG, SIN, SQRT_HALF, SQRT_MAGIC, TWO_LN_2,
};

impl<L: Level, const UNITS: usize> Vectors<L, UNITS> {
    /// Odd 25-bit integers with sign from the words' upper bits.
    #[inline(always)]
    pub(super) fn odd_integers(self, words: Words<L, UNITS>) -> Numbers<L, UNITS> {
        self.nearest(self.or_u32s(self.shift_signed(words, self.word(7)), self.word(1)))
    }

    /// Samples from radius words and angle words.
    #[inline(always)]
    pub(super) fn box_muller(self, radii: Words<L, UNITS>, angles: Words<L, UNITS>) -> [Numbers<L, UNITS>; 2] {
        let r = self.square_roots(self.minus_two_logs(radii));
        // The mirror's k / 2^24 + 1 / 2^25 is (2 k + 1) / 2^25.
        let t = self.mul_f32s(self.odd_integers(self.shift_left(angles, 2)), self.number(EXP2_MINUS_25));
        let z = self.mul_f32s(t, t);
        let cosine = self.polynomial(&COS, z);
        let sine = self.mul_f32s(self.polynomial(&SIN, z), t);
        let sign = self.word(0x8000_0000);
        let minus_sine = self.flipped(sine, sign);
        let odd_quadrant = self.less_than_u32s(self.word(0), self.and_u32s(angles, self.word(0x4000_0000)));
        let half_turn = self.and_u32s(angles, sign);
        let x = self.mul_f32s(r, self.select_f32s(odd_quadrant, minus_sine, cosine));
        let y = self.mul_f32s(r, self.select_f32s(odd_quadrant, cosine, sine));
        [self.flipped(x, half_turn), self.flipped(y, half_turn)]
    }

    /// Numbers with other signs where bits are set.
    #[inline(always)]
    fn flipped(self, x: Numbers<L, UNITS>, signs: Words<L, UNITS>) -> Numbers<L, UNITS> {
        self.transmute_f32s_u32s(self.xor_u32s(self.transmute_u32s_f32s(x), signs))
    }

    /// −2 ln(u), u = (word | 1) / 2^32.
    #[inline(always)]
    fn minus_two_logs(self, words: Words<L, UNITS>) -> Numbers<L, UNITS> {
        let a = self.or_u32s(words, self.word(1));
        let zeros = self.leading_zeros(a);
        let mantissa = self.wrapping_dyn_shl_u32s(a, zeros);
        let is_low = self.less_than_or_equal_u32s(mantissa, self.word(SQRT_HALF));
        let exponent = self.select_u32s(is_low, self.add_u32s(zeros, self.word(1)), zeros);
        let distance = self.select_u32s(is_low, self.add_u32s(mantissa, mantissa), mantissa);
        // The mirror adds two exact halves, which rounds as this conversion does.
        let f = self.mul_f32s(self.nearest(distance), self.number(EXP2_MINUS_32));
        let p = self.polynomial(&LOG, f);
        self.sub_f32s(self.mul_f32s(self.nearest(exponent), self.number(TWO_LN_2)), self.mul_f32s(f, p))
    }

    /// √x for normal x > 0.
    #[inline(always)]
    fn square_roots(self, x: Numbers<L, UNITS>) -> Numbers<L, UNITS> {
        let guess = self.sub_u32s(self.word(SQRT_MAGIC), self.shift_right(self.transmute_u32s_f32s(x), 1));
        let mut y = self.transmute_f32s_u32s(guess);
        // Halves are exact, the mirror's and this.
        let half = self.mul_f32s(x, self.number(0.5));
        for _ in 0..3 {
            let correction = self.sub_f32s(self.number(1.5), self.mul_f32s(half, self.mul_f32s(y, y)));
            y = self.mul_f32s(y, correction);
        }
        self.mul_f32s(x, y)
    }

    /// The quantile of each word by the rows of a table with `2^bits` segments an octave.
    #[inline(always)]
    pub(super) fn quantiles(self, table: &[f32], bits: u32, words: Words<L, UNITS>) -> Numbers<L, UNITS> {
        let upper = self.shift_signed(words, self.word(31));
        let odd = self.or_u32s(self.shift_left(self.xor_u32s(words, upper), 1), self.word(1));
        let octave = self.leading_zeros(odd);
        let mantissa = self.wrapping_dyn_shl_u32s(odd, octave);
        let octave = self.or_u32s(self.and_u32s(upper, self.word(32)), octave);
        let segments = self.sub_u32s(self.shift_right(mantissa, 31 - bits), self.word(1 << bits));
        let rows = self.add_u32s(self.shift_left(octave, bits), segments);
        let position = self.and_u32s(self.shift_right(mantissa, 7 - bits), self.word(0xff_ffff));
        let t = self.mul_add(self.nearest(position), self.number(EXP2_MINUS_23), self.number(FIRST_POSITION));
        // Without the rows that nobody reads: 64 octaves of as many as an octave has segments.
        let [c0, c1, c2, c3] = match bits {
            3 => self.look_up::<{ 4 << 9 }>(table, rows),
            4 => self.look_up::<{ 4 << 10 }>(table, rows),
            5 => self.look_up::<{ 4 << 11 }>(table, rows),
            _ => self.look_up::<{ 4 << 12 }>(table, rows),
        };
        self.mul_add(self.mul_add(self.mul_add(c3, t, c2), t, c1), t, c0)
    }

    /// The bits of samples as bf16, rounded to nearest even.
    #[inline(always)]
    pub(super) fn bf16_bits(self, x: Numbers<L, UNITS>) -> Words<L, UNITS> {
        let bits = self.transmute_u32s_f32s(x);
        let odd = self.and_u32s(self.shift_right(bits, 16), self.word(1));
        self.shift_right(self.add_u32s(self.add_u32s(bits, odd), self.word(0x7fff)), 16)
    }
}
