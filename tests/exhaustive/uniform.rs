//! The symmetric uniform law.

use weightinit::Law;

use crate::documented::hold;
use crate::sample::{sample, sampler};
use crate::sweep::{Gathered, fewer, sweep};

const WORDS: u64 = 1 << 32;
/// The bounds of PyTorch's embedding-like scales: 1, 0.05 and √(6 / 1536).
const BOUNDS: [f64; 3] = [1.0, 0.05, 0.0625];

/// The samples of words in order.
#[derive(Default)]
struct Samples {
    ends: Option<(f32, f32)>,
    /// Different values, as often as a value differs from the one before.
    values: u64,
    falls: u64,
    /// Values at or outside the bounds, and those that are 0.
    outside: u64,
    zero: u64,
    /// Words whose complement's sample is not the negative one.
    lopsided: u64,
}

impl Gathered for Samples {
    fn then(self, next: Self) -> Self {
        let (Some(left), Some(right)) = (self.ends, next.ends) else {
            return if self.ends.is_some() { self } else { next };
        };
        Self {
            ends: Some((left.0, right.1)),
            values: self.values + next.values - u64::from(left.1 == right.0),
            falls: self.falls + next.falls + u64::from(left.1 > right.0),
            outside: self.outside + next.outside,
            zero: self.zero + next.zero,
            lopsided: self.lopsided + next.lopsided,
        }
    }
}

impl Samples {
    fn of(count: u64, bound: f64, sample: impl Fn(u32) -> f32 + Sync) -> Self {
        sweep(&format!("uniform within {bound}"), count, |rank, samples: &mut Self| {
            // The law reads words as signed integers.
            let word = rank ^ 0x8000_0000;
            let x = sample(word);
            let one = Self {
                ends: Some((x, x)),
                values: 1,
                falls: 0,
                outside: u64::from(f64::from(x).abs() >= bound || x.is_nan()),
                zero: u64::from(x == 0.0),
                lopsided: u64::from(sample(!word) != -x),
            };
            *samples = std::mem::take(samples).then(one);
        })
    }

    fn broken(&self) -> [u64; 4] {
        [self.falls, self.outside, self.zero, self.lopsided]
    }
}

#[test]
fn symmetric_uniform() {
    for bound in BOUNDS {
        let sampler = sampler(Law::uniform(-bound, bound));
        let samples = Samples::of(WORDS, bound, |word| sample(&sampler, word));
        assert_eq!(samples.broken(), [0; 4], "{bound}");
        hold(&[("symmetric uniform: distinct values", samples.values.to_string(), vec![])]);
    }
}

/// A bound that is reached, a 0, a value between two others, one without its negative.
#[test]
fn wrong_uniforms_are_found() {
    let sampler = sampler(Law::uniform(-1.0, 1.0));
    let right = |word| sample(&sampler, word);
    let wrong = (65 * 20_011) ^ 0x8000_0000;
    let with = |x| Samples::of(fewer(WORDS), 1.0, move |word| if word == wrong { x } else { right(word) });
    assert_eq!(with(-1.0).broken(), [1, 1, 0, 1]);
    assert_eq!(with(0.0).broken(), [1, 0, 1, 1]);
    assert_eq!(with(f32::NAN).broken()[1..], [1, 0, 1]);
    assert_eq!(Samples::of(fewer(WORDS), 1.0, |word| right(word & !0xff)).broken()[3], 0);
    assert_eq!(Samples::of(fewer(WORDS), 1.0, |word| right(word & !0x1ff)).values, 1 << 20);
}
