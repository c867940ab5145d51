//! Quantile tables: the normal law truncated at ± 2 standard deviations, which most initializers use.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use weightinit::Law;
use weightinit::arithmetic::law::quantile;
use weightinit::plan::Table;

use crate::documented::{hold, row};
use crate::sample::{sample, sampler};
use crate::sweep::{Gathered, Worst, fewer, sweep};

const WORDS: u64 = 1 << 32;
const BOUND: f64 = 2.0;

const ERROR: &str = "truncated normal: error";
const BACK: &str = "truncated normal: step back";

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

/// How far a sample is from the quantile of its word's probability: its own probability's miss over the density. (The
/// error's square, of 1e-14, is left out.)
fn error(word: u32, x: f32) -> f64 {
    let x = f64::from(x);
    // The mass from the centre, so that the middle keeps its digits.
    let mass = libm::erf(BOUND * FRAC_1_SQRT_2);
    let wanted = (f64::from(word) - 2147483647.5) / 2f64.powi(31) * mass;
    let density = (2.0 / PI).sqrt() * libm::exp(-x * x / 2.0);
    ((libm::erf(x * FRAC_1_SQRT_2) - wanted) / density).abs()
}

impl Quantiles {
    fn of(count: u64, sample: impl Fn(u32) -> f32 + Sync) -> Self {
        sweep("truncated normal", count, |word, quantiles: &mut Self| {
            let x = sample(word);
            let one = Self {
                error: Worst { error: error(word, x), word },
                range: Some([(x, word); 2]),
                back: (0.0, [0; 2]),
                outside: u64::from(f64::from(x).abs() > BOUND || x.is_nan()),
                lopsided: u64::from(sample(!word) != -x),
            };
            *quantiles = std::mem::take(quantiles).then(one);
        })
    }
}

#[test]
fn truncated_normal() {
    let sampler = sampler(Law::truncated_normal(0.0, 1.0, -BOUND, BOUND).unwrap());
    let quantiles = Quantiles::of(WORDS, |word| sample(&sampler, word));
    assert_eq!((quantiles.outside, quantiles.lopsided), (0, 0));
    let mut worst = quantiles.error;
    for word in row(ERROR).words {
        worst.meet(word, error(word, sample(&sampler, word)));
    }
    let mut back = quantiles.back;
    if let [first, second] = row(BACK).words[..] {
        let step = sample(&sampler, first) - sample(&sampler, second);
        back = if step > back.0 { (step, [first, second]) } else { back };
    }
    hold(&[
        (ERROR, format!("{:.4e}", worst.error), vec![worst.word]),
        (BACK, format!("{:.4e}", back.0), back.1.to_vec()),
    ]);
}

/// A coefficient that is off, a sample that is too small, one outside the bounds.
#[test]
fn wrong_quantiles_are_found() {
    let sampler = sampler(Law::truncated_normal(0.0, 1.0, -BOUND, BOUND).unwrap());
    let Some(Table::Quantile(table)) = &sampler.table else { panic!("a table") };
    let mut mutated = table.rows().to_vec();
    // Segment 3 of the eight of octave 2, after eight rows that nothing reads.
    mutated[(3 << table.segment_bits()) + 3][1] += 2e-6;
    let quantiles =
        Quantiles::of(fewer(WORDS), |word| quantile::quantile(&mutated, table.segment_bits(), word).clamp(-2.0, 2.0));
    let in_segment = |word: u32| word >> 25 == 8 + 3;
    assert!(quantiles.error.error > 1e-6 && in_segment(quantiles.error.word), "{:?}", quantiles.error);
    assert!(quantiles.lopsided > 0);
    let wrong = 65 * 20_011;
    let sampler = &sampler;
    let with = |x| Quantiles::of(fewer(WORDS), move |word| if word == wrong { x } else { sample(sampler, word) });
    let below = with(-1.9999999);
    assert!(below.back.0 > 1e-3 && below.back.1[1] == wrong && below.lopsided == 1 && below.outside == 0);
    assert_eq!(with(2.0f32.next_up()).outside, 1);
}
