//! Runs: which cases of which seed, from the environment or by the clock.

use std::ops::Range;
use std::panic::catch_unwind;
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::iter::Either;
use rayon::prelude::*;

use super::case::{Case, ROUND};

const SEED: &str = "WEIGHTINIT_DIFFERENTIAL_SEED";
const CASES: &str = "WEIGHTINIT_DIFFERENTIAL_CASES";
const SECONDS: &str = "WEIGHTINIT_DIFFERENTIAL_SECONDS";
/// Those of an ordinary run: SwiftShader takes a second for a kernel on average, and up to 8.
const ORDINARY: u64 = 12;

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Which cases of which seed.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) cases: Range<u64>,
    /// Seconds, if there is an end of them, after which no adapter compiles another kernel.
    pub(crate) seconds: Option<u64>,
}

impl Run {
    pub(crate) fn of_environment() -> Self {
        let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("'{text}' is no number"));
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_nanos() as u64;
        let seed = variable(SEED).map_or_else(clock, |text| number(&text));
        let cases = variable(CASES).map_or(0..ROUND, |text| match text.split_once("..") {
            Some((start, end)) => number(start)..number(end),
            None => 0..number(&text),
        });
        let ordinary = variable(CASES).is_none().then_some(ORDINARY);
        Self { seed, cases, seconds: variable(SECONDS).map(|text| number(&text)).or(ordinary) }
    }

    /// The run for another process.
    pub(crate) fn variables(&self) -> [(&'static str, String); 3] {
        let seconds = self.seconds.map_or_else(String::new, |seconds| seconds.to_string());
        let cases = format!("{}..{}", self.cases.start, self.cases.end);
        [(SEED, self.seed.to_string()), (CASES, cases), (SECONDS, seconds)]
    }

    pub(crate) fn with_cases(&self, cases: Range<u64>) -> Self {
        Self { cases, ..*self }
    }

    /// What repeats these cases.
    pub(crate) fn command(&self) -> String {
        let [(seed, its), (cases, theirs), _] = self.variables();
        format!("{seed}={its} {cases}={theirs} scripts/test --test differential random")
    }

    /// The parts that begin at multiples of `size`, but for the first.
    pub(crate) fn parts(&self, size: u64) -> impl Iterator<Item = Range<u64>> {
        let Range { start, end } = self.cases;
        let first = start / size * size;
        (first..end).step_by(size as usize).map(move |part| part.max(start)..(part + size).min(end))
    }

    /// The cases, drawn on all cores, with what their bytes should be afterwards; and what is wrong with the others.
    pub(crate) fn draw(&self) -> (Vec<Judged>, Vec<String>) {
        let judged = |number| {
            let once = self.with_cases(number..number + 1).command();
            // Of a panic the hook says what it was; this, which case it was.
            let drawn = catch_unwind(|| Case::of(self.seed, number));
            let case = drawn.map_err(|_| format!("case {number}: a panic as it was drawn\n  again: {once}"))?;
            match catch_unwind(|| case.expected()) {
                Ok(Ok(expected)) => Ok((case, expected)),
                Ok(Err(error)) => Err(format!("{case}\n  the CPU refuses it: {error}\n  again: {once}")),
                Err(_) => Err(format!("{case}\n  a panic on the CPU\n  again: {once}")),
            }
        };
        self.cases.clone().into_par_iter().map(judged).partition_map(|drawn| match drawn {
            Ok(judged) => Either::Left(judged),
            Err(wrong) => Either::Right(wrong),
        })
    }
}

/// A case with what its bytes should be afterwards.
pub(crate) type Judged = (Case, Vec<u8>);
