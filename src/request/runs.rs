//! A slice's elements as runs that lie together in the tensor.

use std::ops::Range;

use crate::request::slice::Slice;

impl Slice {
    /// The elements with these numbers from `tensor`, of `size` bytes each, one after the other.
    pub(crate) fn gather(&self, positions: Range<u64>, size: u64, tensor: &[u8], together: &mut Vec<u8>) {
        together.clear();
        for (first, count) in self.runs(positions) {
            together.extend_from_slice(&tensor[(first * size) as usize..][..(count * size) as usize]);
        }
    }

    /// Puts them back into it.
    pub(crate) fn scatter(&self, positions: Range<u64>, size: u64, mut together: &[u8], tensor: &mut [u8]) {
        for (first, count) in self.runs(positions) {
            let (run, rest) = together.split_at((count * size) as usize);
            tensor[(first * size) as usize..][..run.len()].copy_from_slice(run);
            together = rest;
        }
    }

    /// Its elements with these numbers as runs of the tensor's: the first element's index there, and how many.
    pub(crate) fn runs(&self, positions: Range<u64>) -> Runs<'_> {
        let (start, end) = (positions.start, positions.end.min(self.element_count()));
        let run = self.run().max(1);
        let mut row = start / run;
        let mut digits = self.levels().iter().map(|level| {
            let digit = row % level.count.max(1);
            row /= level.count.max(1);
            digit
        });
        let innermost = self.levels().first();
        Runs {
            slice: self,
            base: self.source(start / run * run),
            column: start % run,
            ahead: innermost.zip(digits.next()).map_or(0, |(level, digit)| level.count.max(1) - 1 - digit),
            pitch: innermost.map_or(0, |level| level.pitch),
            digits: digits.collect(),
            left: end.saturating_sub(start),
        }
    }
}

/// What [`Slice::runs`] goes through.
#[derive(Clone, Debug)]
pub(crate) struct Runs<'a> {
    slice: &'a Slice,
    /// Index in the tensor of the run's first element.
    base: u64,
    /// Elements of the run that are not wanted.
    column: u64,
    /// How many more there are in the innermost level, and how far apart.
    ahead: u64,
    pitch: u64,
    /// The run's place in each level around that.
    digits: Vec<u64>,
    left: u64,
}

impl Iterator for Runs<'_> {
    type Item = (u64, u64);

    #[inline]
    fn next(&mut self) -> Option<(u64, u64)> {
        if self.left == 0 {
            return None;
        }
        let found = (self.base + self.column, (self.slice.run() - self.column).min(self.left));
        (self.left, self.column) = (self.left - found.1, 0);
        if self.ahead > 0 {
            (self.ahead, self.base) = (self.ahead - 1, self.base.wrapping_add(self.pitch));
        } else {
            self.go_on();
        }
        Some(found)
    }
}

impl Runs<'_> {
    /// Goes on where the innermost level ends.
    #[inline(never)]
    fn go_on(&mut self) {
        let Some((innermost, outer)) = self.slice.levels().split_first() else { return };
        self.ahead = innermost.count - 1;
        self.base = self.base.wrapping_sub(self.ahead.wrapping_mul(self.pitch));
        for (digit, level) in self.digits.iter_mut().zip(outer) {
            *digit += 1;
            self.base = self.base.wrapping_add(level.pitch);
            if *digit < level.count {
                break;
            }
            // Back to the first; the level around it goes on.
            self.base = self.base.wrapping_sub(level.count.wrapping_mul(level.pitch));
            *digit = 0;
        }
    }
}
