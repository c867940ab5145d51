//! Segments of a table: runs of probabilities that have a cubic each.

use std::ops::RangeInclusive;

use crate::law::table::tail::Tail;
use crate::real;

/// Segments of each octave: 8, which serves every smooth law, or as many as it takes, up to 64.
pub(super) const SEGMENT_BITS: RangeInclusive<u32> = 3..=6;
/// Octaves of each tail: the leading zeros of a 32-bit number that is not 0.
pub(super) const OCTAVES: usize = 32;

/// A run of probabilities, from the end that is its tail's.
pub(super) struct Segment {
    pub(super) tail: Tail,
    pub(super) low: f64,
    pub(super) width: f64,
}

impl Segment {
    /// The probability at a position from −1 to 1.
    pub(super) fn probability(&self, t: f64) -> f64 {
        self.low + self.width * ((t + 1.0) / 2.0)
    }

    /// Whether it holds a place: a probability of a tail.
    pub(super) fn contains(&self, (tail, p): (Tail, f64)) -> bool {
        self.tail == tail && self.low <= p && p < self.low + self.width
    }
}

/// All segments in the order of the table. Octave n holds the probabilities in [2^-(n+2), 2^-(n+1)).
pub(super) fn segments(segment_bits: u32) -> impl Iterator<Item = Segment> {
    let count = 1 << segment_bits;
    [Tail::Lower, Tail::Upper].into_iter().flat_map(move |tail| {
        (0..OCTAVES).flat_map(move |octave| {
            let width = real::ldexp(1.0, -(octave as i32) - 2) / f64::from(count);
            (0..count).map(move |segment| Segment { tail, low: width * f64::from(count + segment), width })
        })
    })
}

/// The order that soon shows a table to be not good enough: where one of fewer segments was not, then one segment of
/// each octave of `count`, then the others.
pub(super) fn soonest(segments: &[Segment], count: usize, suspect: Option<(Tail, f64)>) -> impl Iterator<Item = usize> {
    let suspect = suspect.and_then(|suspect| segments.iter().position(|segment| segment.contains(suspect)));
    let first = (0..segments.len()).step_by(count);
    let others = (0..segments.len()).filter(move |index| index % count != 0);
    suspect.into_iter().chain(first).chain(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octaves_tile_both_halves_of_the_unit_interval() {
        for bits in SEGMENT_BITS {
            let all: Vec<_> = segments(bits).collect();
            let mass: f64 = all.iter().map(|segment| segment.width).sum();
            assert_eq!(mass, 1.0 - real::ldexp(1.0, -32));
            assert_eq!(all[(1 << bits) - 1].low + all[(1 << bits) - 1].width, 0.5);
            assert!(all.iter().all(|segment| segment.low >= real::ldexp(1.0, -33)));
            let mut order: Vec<_> = soonest(&all, 1 << bits, Some((Tail::Upper, 0.3))).collect();
            assert!(all[order[0]].contains((Tail::Upper, 0.3)));
            order.sort_unstable();
            order.dedup();
            assert!(order.into_iter().eq(0..all.len()));
        }
    }
}
