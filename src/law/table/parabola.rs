//! Tables of symmetric laws by parabolas in whole numbers: how far from the middle quantiles are, which a kernel finds
//! by integer operations and one exact difference, and so without a rounding before the scale.
//!
//! A segment gives start + (slope + curvature · t) · t with t in [0, 1) of 16 bits and both products cut to whole
//! numbers, all of them below 2^32. Distances rise from the law's middle to its end and bend upwards, so that nothing
//! is negative.
//!
//! What it gives are the bits of an f32 number: the middle and the distance. 1 more are the bits of the next number, so
//! that kernels convert nothing and only take the middle away. Beyond 2^24 numbers are two apart, and so are the
//! distances there; the middle is such that a segment begins at 2^24.

use crate::law::table::fit::TOLERANCE;
use crate::law::table::quantile::QuantileTable;
use crate::law::table::rows::{Rows, distance, power_of_2};
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

/// Segments of each octave: 64.
const SEGMENT_BITS: u32 = 6;
const SEGMENTS: u32 = 1 << SEGMENT_BITS;
/// Ones that the 31 bits of a distance begin with.
const OCTAVES: u32 = 32;
/// Octaves whose segments have more than one position: some bits of a word are left for it.
const OCTAVES_OF_POSITIONS: u32 = 25;
/// Rows before those of all segments in order: octave 0 for words that begin with 0, and as many that nobody reads.
const ROWS_BEFORE: usize = 2 * SEGMENTS as usize;
/// f32 numbers up to here are 1 apart or less, and beyond it 2.
const ONE_APART: f64 = (1 << 24) as f64;
/// Slopes and curvatures are below this, so that their products with t are below 2^32.
const MOST_BEND: f64 = (1 << 16) as f64;
/// Where a segment is tried.
const TRIED: u32 = 8;

/// What tables may be off by that stand for ones of cubics, which are measured at points and not bounded.
pub(in crate::law) const AS_CUBICS: f64 = TOLERANCE * 17.0 / 16.0;

/// The table of a law whose `quantile` is symmetric about 0, if it is off by no more than `tolerance` of the larger of
/// the quantile and the interquartile range, by a bound that holds for every word.
pub(in crate::law) fn table(name: String, quantile: &impl Quantile, tolerance: f64) -> Option<QuantileTable> {
    let [reach, quartile] = [real::ldexp(1.0, -33), 0.25].map(|p| quantile.at(p, Tail::Upper));
    let numbers = Numbers::new(quantile, reach)?;
    let most = numbers.bits(reach).floor();
    let (mut rows, mut error) = (vec![[0; 2]; ROWS_BEFORE], 0f64);
    for segment in Segment::all() {
        let (row, off) = numbers.fit(quantile, segment, most)?;
        if off.absolute > tolerance * off.wanted.max(2.0 * quartile) {
            return None;
        }
        rows.push(row);
        error = error.max(off.absolute);
    }
    rows.copy_within(ROWS_BEFORE..ROWS_BEFORE + SEGMENTS as usize, 0);
    let rows = Rows::Parabolas { rows, middle: numbers.middle as f32 };
    Some(QuantileTable::of_rows(name, SEGMENT_BITS, rows, numbers.step, error, reach))
}

/// A run of probabilities that has a parabola.
#[derive(Clone, Copy)]
struct Segment {
    /// The probability at t = 0, from the law's end.
    high: f64,
    width: f64,
    /// Whether t is other than 0.
    has_positions: bool,
}

impl Segment {
    /// From the middle to the end.
    fn all() -> impl Iterator<Item = Self> {
        (0..OCTAVES).flat_map(|octave| (0..SEGMENTS).map(move |segment| Self::new(octave, segment)))
    }

    fn new(octave: u32, segment: u32) -> Self {
        let width = real::ldexp(1.0, -(octave.cast_signed() + 2)) / f64::from(SEGMENTS);
        // t is what the words begin with whose middle it stands for, or the word whose probability is in the middle of
        // those that round to it.
        let middle = real::ldexp(1.0, octave.max(8).cast_signed() - 25);
        let high = real::ldexp(1.0, -(octave.cast_signed() + 1)) - width * (f64::from(segment) + middle);
        Self { high, width, has_positions: octave < OCTAVES_OF_POSITIONS }
    }

    /// The probability at t; no word has less than 2^-33.
    fn probability(self, t: f64) -> f64 {
        (self.high - self.width * t).max(real::ldexp(1.0, -33))
    }
}

/// How far a segment's parabola is off, at most, where a quantile is wanted.
struct Off {
    absolute: f64,
    wanted: f64,
}

/// Which f32 numbers stand for distances.
struct Numbers {
    /// What 1 is of the law, a power of 2.
    step: f64,
    /// Stands for 0.
    middle: f64,
}

impl Numbers {
    /// With the finest steps of which distances and slopes are not too many.
    fn new(quantile: &impl Quantile, reach: f64) -> Option<Self> {
        let starts = Segment::all().map(|segment| quantile.at(segment.probability(0.0), Tail::Upper));
        let starts: Vec<_> = starts.collect();
        let steepest = starts.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
        let last = starts[(OCTAVES_OF_POSITIONS * SEGMENTS) as usize];
        let of = |step: f64| {
            // Even numbers, so that differences from those beyond 2^24 are even.
            let even = starts.iter().map(|start| 2.0 * (start / step / 2.0).round());
            let apart = if reach <= step * ONE_APART / 2.0 {
                ONE_APART / 2.0
            } else {
                even.filter(|start| *start <= ONE_APART / 2.0).fold(0.0, f64::max)
            };
            Self { step, middle: ONE_APART - apart }
        };
        // Differences are exact below 2^25; segments end before numbers are four apart.
        let holds = |step: f64| {
            let is_flat = step * MOST_BEND > 1.125 * steepest;
            is_flat && reach < 2.0 * ONE_APART * step && last <= (2.0 * ONE_APART - of(step).middle) * step
        };
        if !reach.is_finite() {
            return None;
        }
        let mut step = 1.0;
        while !holds(step) {
            step *= 2.0;
        }
        while holds(step / 2.0) {
            step /= 2.0;
        }
        Some(of(step))
    }

    /// The bits of a distance's number, with a fraction.
    fn bits(&self, distance: f64) -> f64 {
        let number = self.middle + distance / self.step;
        let power = f64::from(power_of_2(number as f32));
        f64::from((power as f32).to_bits()) + (number / power - 1.0) * f64::from(1 << 23)
    }

    /// The distance of a number of such bits.
    fn distance(&self, bits: f64) -> f64 {
        distance(self.middle, bits) * self.step
    }

    /// The parabola of a segment, if its numbers are in their range, none of them beyond `most`.
    fn fit(&self, quantile: &impl Quantile, segment: Segment, most: f64) -> Option<([u32; 2], Off)> {
        let at = |t: f64| self.bits(quantile.at(segment.probability(t), Tail::Upper));
        let [y, slope, curvature] = if segment.has_positions { parabola(at) } else { [at(0.0), 0.0, 0.0] };
        let places = 0..=if segment.has_positions { TRIED } else { 0 };
        let places = places.map(|k| f64::from(k) / f64::from(TRIED));
        let wanted = places.map(|t| {
            let guess = self.distance(y + (slope + curvature * t) * t);
            (t, quantile.near(segment.probability(t), Tail::Upper, guess))
        });
        let wanted: Vec<_> = wanted.collect();
        let least = f64::from((self.middle as f32).to_bits() + 1);
        // Slopes are cut to whole numbers too, and so are half too little in the mean.
        let slopes = [slope.floor(), slope.floor() + 1.0];
        let fits = slopes.into_iter().filter(|slope| slope + curvature < MOST_BEND).map(|slope| {
            // Between which bounds the start has to be for no error at some places: cutting takes between 0 and 1 off
            // each product, of which the inner one counts t times; a position may be 2^-17 off.
            let bounds = wanted.iter().map(|&(t, wanted)| {
                let start = self.bits(wanted) - (slope + curvature * t) * t;
                let position = (slope + 2.0 * curvature) / (2.0 * MOST_BEND);
                if segment.has_positions { [start - position, start + 1.0 + t + position] } else { [start; 2] }
            });
            let [low, high] = bounds
                .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], bound| [low.min(bound[0]), high.max(bound[1])]);
            let bends = (slope as u32) << 16 | curvature as u32;
            // No sample is 0, whose sign devices may forget.
            let start = f64::midpoint(low, high).round().min(most - f64::from(rise(bends, 0xffff))).max(least);
            ([start as u32, bends], (start - low).max(high - start))
        });
        let (row, off) = fits.min_by(|a, b| a.1.total_cmp(&b.1))?;
        let end = f32::from_bits(row[0] + rise(row[1], 0xffff));
        let absolute = off * f64::from(end.next_up() - end) * self.step;
        Some((row, Off { absolute, wanted: wanted[0].1 }))
    }
}

/// A parabola through the three nodes of Chebyshev in [0, 1]: with its curvature rounded, and the slope by his two
/// beside that.
fn parabola(at: impl Fn(f64) -> f64) -> [f64; 3] {
    let [a, b, c] = [0.5 - 3f64.sqrt() / 4.0, 0.5, 0.5 + 3f64.sqrt() / 4.0];
    let [ya, yb, yc] = [a, b, c].map(at);
    let slope_ab = (yb - ya) / (b - a);
    let bend = ((yc - yb) / (c - b) - slope_ab) / (c - a);
    let parabola = |t: f64| ya + (t - a) * (slope_ab + (t - b) * bend);
    let [d, e] = [0.5 - 2f64.sqrt() / 4.0, 0.5 + 2f64.sqrt() / 4.0];
    let curvature = bend.max(0.0).round();
    let slope = (parabola(e) - parabola(d)) / (e - d) - curvature * (e + d);
    // Half more, since kernels cut it.
    [parabola(0.0), (slope + 0.5).max(0.0), curvature]
}

/// How far a parabola has risen at t, as kernels compute it.
fn rise(bends: u32, t: u32) -> u32 {
    (((bends + (bends & 0xffff) * t) >> 16) * t) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::truncated_normal::Truncated;

    const NORMAL: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    #[test]
    fn samples_are_within_the_bound_and_none_is_0() {
        for ((alpha, beta), tolerance) in [(NORMAL, 1.0 / (1 << 20) as f64), ((-2.0, 2.0), AS_CUBICS)] {
            let quantile = Truncated::new(alpha, beta);
            let table = table(String::new(), &quantile, tolerance).unwrap();
            let spread = 2.0 * quantile.at(0.25, Tail::Upper);
            let (mut worst, mut largest) = (0f64, 0f64);
            for word in (0..1 << 31).step_by(99_991).chain([0, 1, (1 << 31) - 1]) {
                let p = real::ldexp(f64::from(2 * word + 1), -33);
                let (found, wanted) = (-table.at(word), quantile.at(p, Tail::Upper));
                assert!(found > 0.0 && found == table.at(!word), "{word:#x}: {found}");
                worst = worst.max((found - wanted).abs());
                assert!((found - wanted).abs() <= tolerance * wanted.max(spread), "{word:#x}: {found} {wanted}");
                largest = largest.max(found);
            }
            assert!(worst <= table.error() && worst > table.error() / 3.0, "{worst} {}", table.error());
            assert!((largest - table.reach()).abs() <= table.error() && largest <= beta, "{largest}");
        }
    }

    #[test]
    fn laws_that_do_not_fit_have_none() {
        let wide = |p: f64, _| 1.0 / p;
        assert!(table(String::new(), &wide, 1.0 / (1 << 20) as f64).is_none());
        let normal = Truncated::new(NORMAL.0, NORMAL.1);
        assert!(table(String::new(), &normal, AS_CUBICS / 2.0).is_none());
    }
}
