//! The mirrors of `arithmetic/law`, on groups of vectors.

use bytemuck::{cast_slice, cast_slice_mut};

use super::level::Level;
use super::vectors::{Numbers, Vectors, Words};
use crate::arithmetic::law::coefficients::{
    COS, EXP2_MINUS_23, EXP2_MINUS_25, EXP2_MINUS_32, FIRST_POSITION, LOG, SIN, SQRT_HALF, SQRT_MAGIC, TWO_LN_2,
};
use crate::arithmetic::law::normal_native;

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

    /// Likewise by the system's functions, which take no vectors.
    #[inline(always)]
    pub(super) fn native_box_muller(self, radii: Words<L, UNITS>, angles: Words<L, UNITS>) -> [Numbers<L, UNITS>; 2] {
        let [mut x, mut y] = [self.number(0.0); 2];
        let pairs = cast_slice_mut(x.as_flattened_mut()).iter_mut().zip(cast_slice_mut(y.as_flattened_mut()));
        let words = cast_slice(radii.as_flattened()).iter().zip(cast_slice(angles.as_flattened()));
        for ((x, y), (&radius, &angle)) in pairs.zip(words) {
            [*x, *y] = normal_native::box_muller(radius, angle);
        }
        [x, y]
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

    /// The quantile of each word by the rows of a symmetric law's table, whose middle `middle` stands for.
    #[inline(always)]
    pub(super) fn symmetric_quantiles(
        self,
        table: &[[u32; 2]],
        middle: f32,
        words: Words<L, UNITS>,
    ) -> Numbers<L, UNITS> {
        let octave = self.leading_zeros(self.xor_u32s(self.shift_left(words, 1), self.word(u32::MAX)));
        let mantissa = self.wrapping_dyn_shl_u32s(words, octave);
        // Without the bit before the first zero, and so without the rows before those of all segments in order: 32
        // octaves.
        let segments = self.and_u32s(self.shift_right(mantissa, 24), self.word(63));
        let rows = self.add_u32s(self.shift_left(octave, 6), segments);
        let [start, bends] = self.look_up_pairs::<{ 32 << 6 }>(table, rows);
        let t = self.and_u32s(self.shift_right(mantissa, 8), self.word(0xffff));
        let curvature = self.and_u32s(bends, self.word(0xffff));
        let slope = self.shift_right(self.add_u32s(bends, self.mul_u32s(curvature, t)), 16);
        let place = self.add_u32s(start, self.upper_of_short(slope, t));
        let distance = self.sub_f32s(self.transmute_f32s_u32s(place), self.number(middle));
        let sign = self.and_u32s(words, self.word(1 << 31));
        self.transmute_f32s_u32s(self.or_u32s(self.transmute_u32s_f32s(distance), sign))
    }

    /// The bits of samples as bf16, rounded to nearest even.
    #[inline(always)]
    pub(super) fn bf16_bits(self, x: Numbers<L, UNITS>) -> Words<L, UNITS> {
        let bits = self.transmute_u32s_f32s(x);
        let odd = self.and_u32s(self.shift_right(bits, 16), self.word(1));
        // The mirror adds the odd bit. It decides where the lower half is 0x8000, and there this is the sum.
        self.shift_right(self.add_u32s(self.or_u32s(bits, odd), self.word(0x7fff)), 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::dtype::{store_bf16, store_f16};
    use crate::arithmetic::law::{normal, portable_math, quantile, symmetric_quantile};
    use crate::cpu::wide::level::Computation;
    use crate::cpu::wide::widest::{LEVELS, with};
    use crate::law::{Law, Rows};

    /// Words where something changes, and some of all others, as many as fill groups of every level.
    fn words() -> Vec<u32> {
        let edges = (0..32).flat_map(|bit| [1 << bit, SQRT_HALF >> bit]);
        // Numbers half-way between two bf16 or f16 ones, also below the least normal f16.
        let ties = [0x3f80_8000, 0x3f81_8000, 0x3f80_1000, 0x3f80_3000, 0x387f_f000, 0x3380_0000, 0x3300_0000];
        let edges = edges.chain(ties).flat_map(|edge| (0..5).map(move |step| edge.wrapping_add(step).wrapping_sub(2)));
        let stride = if cfg!(miri) { 400_000_033 } else { 40_009 };
        let mut words: Vec<_> = edges.flat_map(|word| [word, !word]).chain((0..=u32::MAX).step_by(stride)).collect();
        words.resize(words.len().next_multiple_of(64), 0);
        words
    }

    /// Tables with 8 to 64 segments an octave; any numbers will do.
    fn tables() -> Vec<(u32, Vec<f32>)> {
        let number = |i: u32| (i.wrapping_mul(0x9e37_79b9) >> 8) as f32 - 8e6;
        (3..=6).map(|bits| (bits, (0..(4 * 65) << bits).map(number).collect())).collect()
    }

    /// Tables of symmetric laws, and the numbers that stand for their middles.
    fn parabolas() -> [(f32, Vec<[u32; 2]>); 2] {
        let laws = [Law::normal_quantile(0.0, 1.0), Law::truncated_normal(0.0, 1.0, -2.0, 2.0)];
        laws.map(|law| match law.unwrap() {
            Law::Tabulated { table, .. } => match table.rows() {
                Rows::Parabolas { rows, middle } => (*middle, rows.clone()),
                rows => panic!("{rows:?}"),
            },
            law => panic!("{law:?}"),
        })
    }

    /// What a level makes of pairs of words: the first as a uniform sample, both as normal ones, the second, which is a
    /// number, in the short types, and the first as a quantile by each table and by each of parabolas.
    struct Made<'a> {
        words: [&'a [u32]; 2],
        tables: &'a [(u32, Vec<f32>)],
        parabolas: &'a [(f32, Vec<[u32; 2]>)],
        made: &'a mut Vec<Vec<u32>>,
    }

    impl Computation for Made<'_> {
        fn compute<L: Level, const UNITS: usize>(self, level: L) {
            let v = Vectors::<L, UNITS>(level);
            let lanes = size_of::<Words<L, UNITS>>() / 4;
            for (a, b) in self.words[0].chunks_exact(lanes).zip(self.words[1].chunks_exact(lanes)) {
                let [mut first, mut second] = [v.word(0); 2];
                cast_slice_mut(first.as_flattened_mut()).copy_from_slice(a);
                cast_slice_mut(second.as_flattened_mut()).copy_from_slice(b);
                let number = v.transmute_f32s_u32s(second);
                let ([x, y], uniform) = (v.box_muller(first, second), v.odd_integers(first));
                let mut made = [uniform, x, y].map(|numbers| v.transmute_u32s_f32s(numbers)).to_vec();
                made.extend([v.bf16_bits(number), v.f16_bits(number)]);
                let quantile =
                    |(bits, table): &(u32, Vec<f32>)| v.transmute_u32s_f32s(v.quantiles(table, *bits, first));
                made.extend(self.tables.iter().map(quantile));
                let symmetric = |(middle, table): &(f32, Vec<[u32; 2]>)| {
                    v.transmute_u32s_f32s(v.symmetric_quantiles(table, *middle, first))
                };
                made.extend(self.parabolas.iter().map(symmetric));
                let lane = |i: usize| made.iter().map(|group| cast_slice::<_, u32>(group.as_flattened())[i]).collect();
                self.made.extend((0..lanes).map(lane));
            }
        }
    }

    #[test]
    fn every_level_makes_of_words_what_the_mirrors_make() {
        // The second is kept to what rounds to a finite f16.
        let (first, tables, parabolas) = (words(), tables(), parabolas());
        let mut second: Vec<_> =
            first.iter().map(|word| if word << 1 < 0x477f_e000 << 1 { *word } else { word >> 8 }).collect();
        second.rotate_left(first.len() / 3);
        for level in LEVELS {
            let mut made = Vec::new();
            let words = [&first[..], &second];
            if !with(level, Made { words, tables: &tables, parabolas: &parabolas, made: &mut made }) {
                continue;
            }
            assert_eq!(made.len(), first.len());
            for ((&a, &b), made) in first.iter().zip(&second).zip(made) {
                let [x, y] = normal::box_muller(a, b);
                let number = f32::from_bits(b);
                let mut expected = [portable_math::odd_integer(a), x, y].map(f32::to_bits).to_vec();
                expected.extend([store_bf16::encode(number), store_f16::encode(number)]);
                let quantile =
                    |(bits, table): &(u32, Vec<f32>)| quantile::quantile(cast_slice(table), *bits, a).to_bits();
                expected.extend(tables.iter().map(quantile));
                let symmetric = |(middle, table): &(f32, Vec<[u32; 2]>)| {
                    symmetric_quantile::symmetric_quantile(table, *middle, a).to_bits()
                };
                expected.extend(parabolas.iter().map(symmetric));
                assert_eq!(made, expected, "{level}: {a:#x} {b:#x}");
            }
        }
    }
}
