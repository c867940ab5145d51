//! Tables of symmetric laws by parabolas in whole numbers: one tail's distances from the middle, which a kernel finds
//! by integer operations alone, and so without a rounding before the scale.
//!
//! A segment gives start − (slope − curvature · t) · t with t in [0, 1) of 16 bits and both products cut to whole
//! numbers, all of them below 2^32. Distances fall from the law's end to its middle and bend upwards, so that nothing
//! is negative.

use std::ops::RangeInclusive;

use crate::law::table::fit::TOLERANCE;
use crate::law::table::quantile::QuantileTable;
use crate::law::table::rows::Rows;
use crate::law::table::segment::{OCTAVES, Segment, segments};
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

/// Segments of each octave: 32, or 64 if that is what it takes.
const SEGMENT_BITS: RangeInclusive<u32> = 5..=6;
/// Distances are below this, so that they are f32 numbers.
const MOST_DISTANCE: f64 = (1 << 24) as f64;
/// Slopes and curvatures are below this, so that their products with t are below 2^32.
const MOST_BEND: f64 = (1 << 16) as f64;
/// Where a segment is tried.
const TRIED: u32 = 8;

/// What tables may be off by that stand for ones of cubics, which are measured at points and not bounded.
pub(in crate::law) const AS_CUBICS: f64 = TOLERANCE * 17.0 / 16.0;

/// The table of a law whose `quantile` is symmetric about 0, if it is off by no more than `tolerance` of the larger of
/// the quantile and the interquartile range, by a bound that holds for every word.
pub(in crate::law) fn table(name: String, quantile: &impl Quantile, tolerance: f64) -> Option<QuantileTable> {
    let at = |p: f64| quantile.at(p, Tail::Upper);
    let (reach, spread) = (at(real::ldexp(1.0, -33)), 2.0 * at(0.25));
    for segment_bits in SEGMENT_BITS {
        let segments: Vec<_> = segments(segment_bits).skip(OCTAVES << segment_bits).collect();
        // The finest steps of which distances and slopes are not too many.
        let steepest =
            segments.iter().map(|segment| at(segment.low) - at(segment.low + segment.width)).fold(0.0, f64::max);
        let holds = |step: f64| step * (MOST_DISTANCE - 1.0) >= reach && step * MOST_BEND > 1.125 * steepest;
        let mut step = 1.0;
        while !holds(step) {
            step *= 2.0;
        }
        while holds(step / 2.0) {
            step /= 2.0;
        }
        let (mut rows, mut error) = (vec![[0; 2]; 1 << segment_bits], 0f64);
        let fitted = segments.iter().all(|segment| {
            let Some((row, off)) = fit(quantile, segment, step, spread) else { return false };
            rows.push(row);
            error = error.max(off.absolute);
            off.relative <= tolerance
        });
        if fitted {
            return Some(QuantileTable::of_rows(name, segment_bits, Rows::Parabolas(rows), step, error, reach));
        }
    }
    None
}

/// How far a segment's parabola is off, at most.
struct Off {
    absolute: f64,
    /// Of the larger of the quantile and the interquartile range.
    relative: f64,
}

/// The parabola of a segment in units of `step`, if its numbers are in their range.
fn fit(quantile: &impl Quantile, segment: &Segment, step: f64, spread: f64) -> Option<([u32; 2], Off)> {
    let p = |t: f64| segment.low + segment.width * t;
    // Through the three nodes of Chebyshev in [0, 1]; then the slope by his two, beside the rounded curvature.
    let [a, b, c] = [0.5 - 3f64.sqrt() / 4.0, 0.5, 0.5 + 3f64.sqrt() / 4.0];
    let [ya, yb, yc] = [a, b, c].map(|t| quantile.at(p(t), Tail::Upper) / step);
    let slope_ab = (yb - ya) / (b - a);
    let bend = ((yc - yb) / (c - b) - slope_ab) / (c - a);
    let parabola = |t: f64| ya + (t - a) * (slope_ab + (t - b) * bend);
    let [d, e] = [0.5 - 2f64.sqrt() / 4.0, 0.5 + 2f64.sqrt() / 4.0];
    let curvature = bend.max(0.0).round();
    let slope = (curvature * (e + d) - (parabola(e) - parabola(d)) / (e - d)).max(0.0).round();
    // Between which bounds the start has to be for no error at some places: cutting takes between 0 and 1 off each
    // product, of which the inner one counts t times, and up to 2^-16 off t itself.
    let places = (0..=TRIED).map(|k| f64::from(k) / f64::from(TRIED));
    let wanted = places.map(|t| (t, quantile.near(p(t), Tail::Upper, parabola(t) * step) / step));
    let wanted: Vec<_> = wanted.collect();
    let bounds = |slope: f64| {
        wanted.iter().map(move |&(t, wanted)| {
            let start = wanted + (slope - curvature * t) * t;
            (start - 1.0 - (slope - 2.0 * curvature * t).max(0.0) / MOST_BEND, start + t)
        })
    };
    let least = bounds(slope).map(|bound| bound.0).fold(f64::INFINITY, f64::min);
    let most = bounds(slope).map(|bound| bound.1).fold(f64::NEG_INFINITY, f64::max);
    let start = f64::midpoint(least, most).round();
    if slope >= MOST_BEND || curvature > slope || start >= MOST_DISTANCE {
        return None;
    }
    // No sample is 0, whose sign devices may forget: the last segment falls by so much less.
    let bends = |slope: f64| (slope as u32) << 16 | curvature as u32;
    let slope = slope - (1.0 + f64::from(fallen(bends(slope), 0xffff)) - start).max(0.0);
    let mut off = Off { absolute: 0.0, relative: 0.0 };
    for ((least, most), (_, wanted)) in bounds(slope).zip(&wanted) {
        let absolute = (start - least).max(most - start) * step;
        off.absolute = off.absolute.max(absolute);
        off.relative = off.relative.max(absolute / (wanted * step).max(spread));
    }
    Some(([start as u32, bends(slope)], off))
}

/// How far a parabola has fallen at t, as kernels compute it.
fn fallen(bends: u32, t: u32) -> u32 {
    (((bends >> 16) - (((bends & 0xffff) * t) >> 16)) * t) >> 16
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
        assert!(table(String::new(), &normal, AS_CUBICS).is_none());
    }
}
