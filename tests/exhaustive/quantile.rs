//! Quantile tables: the normal law, and the one truncated at ± 2 standard deviations, which most initializers use, by
//! parabolas and by cubics.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use weightinit::Law;
use weightinit::arithmetic::law::quantile;
use weightinit::law::Rows;
use weightinit::plan::{Sampler, Table};

use crate::documented::{hold, row};
use crate::sample::{sample, sampler};
use crate::sweep::{Gathered, Worst, fewer, sweep};

const WORDS: u64 = 1 << 32;

/// A law by its table, and the bound at which the normal law is truncated.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    bound: f64,
    law: fn() -> Law,
}

const NORMAL: Case =
    Case { name: "normal by quantiles", bound: f64::INFINITY, law: || Law::normal_quantile(0.0, 1.0).unwrap() };
const PARABOLAS: Case =
    Case { name: "truncated normal", bound: 2.0, law: || Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap() };
/// Bounds that are not symmetric to the last digits.
const CUBICS: Case = Case {
    name: "truncated normal, cubics",
    bound: 2.0,
    law: || Law::truncated_normal(0.0, 1.0, -2.0, 2.0 + 1e-8).unwrap(),
};

/// The samples of words in order.
#[derive(Default)]
struct Quantiles {
    error: Worst,
    /// The least and the greatest sample, each with its word.
    range: Option<[(f32, u32); 2]>,
    /// How far a sample falls below one of an earlier word, and both words.
    back: (f32, [u32; 2]),
    outside: u64,
    lopsided: u64,
}

impl Gathered for Quantiles {
    fn then(self, next: Self) -> Self {
        let (Some([low, high]), Some([next_low, next_high])) = (self.range, next.range) else {
            return if self.range.is_some() { self } else { next };
        };
        let across = (high.0 - next_low.0, [high.1, next_low.1]);
        Self {
            error: self.error.or(next.error),
            range: Some([
                if next_low.0 < low.0 { next_low } else { low },
                if next_high.0 > high.0 { next_high } else { high },
            ]),
            back: [next.back, across].into_iter().fold(self.back, |a, b| if b.0 > a.0 { b } else { a }),
            outside: self.outside + next.outside,
            lopsided: self.lopsided + next.lopsided,
        }
    }
}

impl Case {
    fn sampler(self) -> Sampler {
        sampler((self.law)())
    }

    /// The sample of a word's probability: tables of parabolas take the word as a sign and a distance from the middle.
    fn sample(self, sampler: &Sampler, word: u32) -> f32 {
        let Some(Table::Quantile(table)) = &sampler.table else { panic!("a table") };
        let from_middle = if word >> 31 == 0 { !word } else { word ^ 1 << 31 };
        sample(sampler, if matches!(table.rows(), Rows::Cubics(_)) { word } else { from_middle })
    }

    /// How far a sample is from the quantile of its word's probability: its own probability's miss over the density.
    /// (The error's square, of 1e-12, is left out.)
    fn error(self, word: u32, x: f32) -> f64 {
        let x = f64::from(x);
        let mass = libm::erf(self.bound * FRAC_1_SQRT_2);
        let density = (2.0 / PI).sqrt() * libm::exp(-x * x / 2.0);
        // The mass from the nearer of centre and end, so that both keep their digits.
        let from_centre = (f64::from(word) - 2147483647.5) / 2f64.powi(31);
        let miss = if x.abs() < 1.0 {
            libm::erf(x * FRAC_1_SQRT_2) - from_centre * mass
        } else {
            let end = word.min(!word);
            let wanted = libm::erfc(self.bound * FRAC_1_SQRT_2) + (f64::from(end) + 0.5) / 2f64.powi(31) * mass;
            let is_on_its_side = (x > 0.0) == (from_centre > 0.0);
            if is_on_its_side { libm::erfc(x.abs() * FRAC_1_SQRT_2) - wanted } else { 1.0 }
        };
        (miss / density).abs()
    }

    /// The sweep of `count` words, each with its sample.
    fn sweep(self, count: u64, sample: impl Fn(u32) -> f32 + Sync) -> Quantiles {
        sweep(self.name, count, |word, quantiles: &mut Quantiles| {
            let x = sample(word);
            let one = Quantiles {
                error: Worst { error: self.error(word, x), word },
                range: Some([(x, word); 2]),
                back: (0.0, [0; 2]),
                outside: u64::from(f64::from(x).abs() > self.bound || x.is_nan() || x == 0.0),
                lopsided: u64::from(sample(!word) != -x),
            };
            *quantiles = std::mem::take(quantiles).then(one);
        })
    }

    /// Holds the documented error, and how far samples fall below those of smaller words.
    fn holds(self) {
        let sampler = self.sampler();
        let quantiles = self.sweep(WORDS, |word| self.sample(&sampler, word));
        assert_eq!(quantiles.outside, 0);
        // Cubics of bounds that are not quite symmetric are not either.
        assert!(quantiles.lopsided == 0 || self.name == CUBICS.name);
        let (errors, backs) = (format!("{}: error", self.name), format!("{}: step back", self.name));
        let mut worst = quantiles.error;
        for word in row(&errors).words {
            worst.meet(word, self.error(word, self.sample(&sampler, word)));
        }
        let mut back = quantiles.back;
        if let [first, second] = row(&backs).words[..] {
            let step = self.sample(&sampler, first) - self.sample(&sampler, second);
            back = if step > back.0 { (step, [first, second]) } else { back };
        }
        hold(&[
            (&errors, format!("{:.4e}", worst.error), vec![worst.word]),
            (&backs, format!("{:.4e}", back.0), back.1.to_vec()),
        ]);
    }
}

#[test]
fn normal_by_quantiles() {
    NORMAL.holds();
}

#[test]
fn truncated_normal() {
    PARABOLAS.holds();
}

#[test]
fn truncated_normal_by_cubics() {
    CUBICS.holds();
}

/// A coefficient that is off, a sample that is too small, one outside the bounds.
#[test]
fn wrong_quantiles_are_found() {
    let sampler = CUBICS.sampler();
    let Some(Table::Quantile(table)) = &sampler.table else { panic!("a table") };
    let Rows::Cubics(rows) = table.rows() else { panic!("cubics") };
    let mut mutated = rows.clone();
    // Segment 3 of the eight of octave 2, after eight rows that nothing reads.
    mutated[(3 << table.segment_bits()) + 3][1] += 2e-6;
    let quantiles =
        CUBICS.sweep(fewer(WORDS), |word| quantile::quantile(&mutated, table.segment_bits(), word).clamp(-2.0, 2.0));
    let in_segment = |word: u32| word >> 25 == 8 + 3;
    assert!(quantiles.error.error > 1e-6 && in_segment(quantiles.error.word), "{:?}", quantiles.error);
    assert!(quantiles.lopsided > 0);
    let sampler = PARABOLAS.sampler();
    let wrong = 65 * 20_011;
    let sampler = &sampler;
    let with =
        |x| PARABOLAS.sweep(fewer(WORDS), move |word| if word == wrong { x } else { PARABOLAS.sample(sampler, word) });
    let below = with(-1.9999999);
    assert!(below.back.0 > 1e-3 && below.back.1[1] == wrong && below.lopsided == 1 && below.outside == 0);
    assert_eq!(with(2.0f32.next_up()).outside, 1);
}
