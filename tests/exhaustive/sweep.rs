//! All words, or 1 in 65 of them, on all cores.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

/// Of so many words one is met, unless all are asked for. Odd, so that every pattern of low bits occurs.
const STRIDE: u64 = 65;
/// Words of one task.
const RUN: u64 = 1 << 20;

/// The first of them, which are enough to show that a sweep can fail.
pub(crate) fn fewer(count: u64) -> u64 {
    count / 8
}

/// What a sweep gathers: a part of it, and two parts in the order of their words.
pub(crate) trait Gathered: Default + Send {
    fn then(self, next: Self) -> Self;
}

/// Calls `check` with the numbers below `count` in order.
pub(crate) fn sweep<G: Gathered>(name: &str, count: u64, check: impl Fn(u32, &mut G) + Sync) -> G {
    let whole = std::env::var_os("WEIGHTINIT_EXHAUSTIVE").is_some();
    let stride = if whole { 1 } else { STRIDE };
    let (runs, done) = (count.div_ceil(RUN), AtomicU64::new(0));
    let gather = |run: u64| {
        let mut gathered = G::default();
        let (first, end) = ((run * RUN).next_multiple_of(stride), count.min((run + 1) * RUN));
        for number in (first..end).step_by(stride as usize) {
            check(number as u32, &mut gathered);
        }
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if whole && done.is_multiple_of(runs.div_ceil(16)) {
            eprintln!("{name}: {} of {count}", done * RUN);
        }
        gathered
    };
    (0..runs).into_par_iter().map(gather).reduce(G::default, G::then)
}

/// The largest error that was met, and the first word that gave it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Worst {
    pub(crate) error: f64,
    pub(crate) word: u32,
}

impl Worst {
    /// What is no number counts as infinite.
    pub(crate) fn meet(&mut self, word: u32, error: f64) {
        let error = if error.is_nan() { f64::INFINITY } else { error };
        if error > self.error {
            *self = Self { error, word };
        }
    }

    pub(crate) fn or(mut self, next: Self) -> Self {
        self.meet(next.word, next.error);
        self
    }
}

impl Gathered for Worst {
    fn then(self, next: Self) -> Self {
        self.or(next)
    }
}

/// The distance of neighbouring f32 numbers at the magnitude of x.
pub(crate) fn ulp(x: f64) -> f64 {
    let power = f64::from_bits(x.to_bits() & (0x7ff << 52));
    power / f64::from(1 << 23)
}

#[test]
fn sweeps_meet_words_in_order_and_keep_the_worst() {
    #[derive(Default)]
    struct Ordered {
        last: Option<u32>,
        worst: Worst,
        broken: bool,
    }
    impl Gathered for Ordered {
        fn then(self, next: Self) -> Self {
            let broken = self.broken || next.broken || matches!((self.last, next.last), (Some(a), Some(b)) if a >= b);
            Self { last: next.last.or(self.last), worst: self.worst.or(next.worst), broken }
        }
    }
    let count = 5 * RUN + 77;
    let found: Ordered = sweep("order", count, |word, gathered: &mut Ordered| {
        gathered.broken |= gathered.last.is_some_and(|last| last >= word);
        gathered.last = Some(word);
        gathered.worst.meet(word, if word == 3 * 65 * 20_011 { f64::NAN } else { f64::from(word) });
    });
    assert!(!found.broken);
    assert!(found.last.unwrap() as u64 >= count - STRIDE);
    assert_eq!(found.worst, Worst { error: f64::INFINITY, word: 3 * 65 * 20_011 });
    assert_eq!((ulp(1.0), ulp(1.999), ulp(6.0)), (2f64.powi(-23), 2f64.powi(-23), 2f64.powi(-21)));
}
