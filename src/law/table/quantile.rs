//! Quantile tables: any law as one cubic per segment of its quantile function, built on the host in f64.

use std::fmt;
use std::ops::RangeInclusive;

use crate::arithmetic::law::quantile;
use crate::error::{Error, Result};
use crate::law::moments::{Moments, squared};
use crate::real;

/// Segments of each octave: 8, which serves every smooth law, or as many as it takes, up to 64.
const SEGMENT_BITS: RangeInclusive<u32> = 3..=6;
/// Octaves of each tail: the leading zeros of a 32-bit number that is not 0.
const OCTAVES: usize = 32;
/// The largest error that a table may have, relative to the larger of the quantile and the interquartile range.
const TOLERANCE: f64 = 1.0 / (1 << 21) as f64;
/// Coefficients this much smaller than 1 are 0, so that no product in the kernel is subnormal.
const NEGLIGIBLE: f64 = 1.0 / (1u64 << 40) as f64;

/// The end of (0, 1) from which a probability is measured, so that both tails keep their relative precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// From 0: the quantile of p.
    Lower,
    /// From 1: the quantile of 1 − p.
    Upper,
}

impl Tail {
    /// −1 or 1: what mirrors the quantile function of a symmetric law.
    pub(crate) fn sign(self) -> f64 {
        match self {
            Tail::Lower => -1.0,
            Tail::Upper => 1.0,
        }
    }
}

/// The quantile function of a standardized law as cubics, each with its four coefficients in f32.
///
/// A word picks the tail by its top bit, an octave of probability by the leading zeros of the rest, a segment of the
/// octave by the next bits, and the position in it by what remains, so that probabilities go down to 2^-33 on either
/// side. An octave has 8 segments (512 cubics, 8 KiB); a law with a kink gets 16, 32 or 64, if that is what it takes to
/// meet the error bound. The error against the f64 quantile function is measured when the table is built.
///
/// ```
/// use weightinit::law::{QuantileTable, Tail};
///
/// // The logistic law: q(p) = ln(p / (1 - p)).
/// let table = QuantileTable::new("logistic", |p, tail| match tail {
///     Tail::Lower => (p / (1.0 - p)).ln(),
///     Tail::Upper => -(p / (1.0 - p)).ln(),
/// })?;
/// assert!(table.error() < 1e-5);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct QuantileTable {
    name: String,
    segment_bits: u32,
    rows: Vec<[f32; 4]>,
    error: f64,
    reach: f64,
    moments: Moments,
}

impl QuantileTable {
    /// Tabulates `quantile(p, tail)`, p in (0, 1/2], a function that is monotone over both tails.
    ///
    /// # Errors
    /// [`Error::NotTabulable`] if a value is not finite or below 2^-20 everywhere, or if the cubics miss the function
    /// by more than 2^-21 of the larger of |q| and the interquartile range.
    pub fn new(name: impl Into<String>, quantile: impl Fn(f64, Tail) -> f64) -> Result<Self> {
        let name = name.into();
        let mut refused = None;
        for segment_bits in SEGMENT_BITS {
            match Self::with_segments(&name, segment_bits, &quantile) {
                Ok(table) => return Ok(table),
                Err(reason) => refused = Some(reason),
            }
        }
        Err(Error::NotTabulable { law: name, reason: refused.unwrap_or_default() })
    }

    /// The table with 2^`segment_bits` segments an octave, or the reason why it is not good enough.
    fn with_segments(
        name: &str,
        segment_bits: u32,
        quantile: &impl Fn(f64, Tail) -> f64,
    ) -> std::result::Result<Self, String> {
        let spread = quantile(0.25, Tail::Upper) - quantile(0.25, Tail::Lower);
        let unused = 1 << segment_bits;
        let mut rows = vec![[0.0; 4]; unused];
        let (mut error, mut worst, mut reach) = (0f64, 0f64, 0f64);
        for Segment { tail, low, width } in segments(segment_bits) {
            let exact = |t: f64| quantile(low + width * ((t + 1.0) / 2.0), tail);
            let cubic = interpolate(exact).map(|c| if c.abs() < NEGLIGIBLE { 0.0 } else { c as f32 });
            for step in -8..=8 {
                let t = f64::from(step) / 8.0;
                let wanted = exact(t);
                if !wanted.is_finite() {
                    return Err(format!("its quantile near p = {low:e} ({tail:?} tail) is {wanted}"));
                }
                let miss = (f64::from(quantile::cubic(cubic, t as f32)) - wanted).abs();
                error = error.max(miss);
                worst = worst.max(miss / wanted.abs().max(spread));
                reach = reach.max(wanted.abs());
            }
            // At once: with some parameters that nobody means, the other segments take minutes.
            if worst.is_nan() || worst > TOLERANCE {
                return Err(format!(
                    "the cubics are off by {worst:.1e} of its spread, more than {TOLERANCE:.1e}; it is too narrow, too \
                     steep or not smooth"
                ));
            }
            rows.push(cubic);
        }
        if reach < real::ldexp(1.0, -20) {
            return Err(format!("its largest value is {reach:e}; standardize it to about 1"));
        }
        let moments = moments(segment_bits, &rows[unused..]);
        Ok(Self { name: name.to_owned(), segment_bits, rows, error, reach, moments })
    }

    /// The law's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cubics, `[tail][octave][segment]` in row-major order, lowest power first.
    pub fn coefficients(&self) -> &[[f32; 4]] {
        &self.rows[1 << self.segment_bits..]
    }

    /// The table as kernels read it: [`QuantileTable::coefficients`] after as many rows of zeros as an octave has
    /// segments, which none of them reads.
    pub fn rows(&self) -> &[[f32; 4]] {
        &self.rows
    }

    /// The rows' bytes, little endian: what two equal tables have in common.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        self.rows.iter().flatten().flat_map(|coefficient| coefficient.to_le_bytes()).collect()
    }

    /// An octave has 2 to this power segments: 3 for smooth laws, up to 6.
    pub fn segment_bits(&self) -> u32 {
        self.segment_bits
    }

    /// Largest absolute error of the f32 cubics against the f64 quantile function, at 17 points of each segment.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// Largest magnitude of a sample.
    pub fn reach(&self) -> f64 {
        self.reach
    }

    /// Moments of the standardized law, integrated over the cubics.
    pub fn moments(&self) -> Moments {
        self.moments
    }

    /// The expected power of the standardized law's distance from its mean, integrated over the cubics.
    pub(crate) fn central_moment(&self, order: f64) -> f64 {
        expectation(self.segment_bits, self.coefficients(), |x| real::pow(x - self.moments.mean, order))
    }
}

impl fmt::Debug for QuantileTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuantileTable").field("name", &self.name).field("error", &self.error).finish_non_exhaustive()
    }
}

/// A run of probabilities, from the end that is its tail's.
struct Segment {
    tail: Tail,
    low: f64,
    width: f64,
}

/// All segments in the order of the table. Octave n holds the probabilities in [2^-(n+2), 2^-(n+1)).
fn segments(segment_bits: u32) -> impl Iterator<Item = Segment> {
    let count = 1 << segment_bits;
    [Tail::Lower, Tail::Upper].into_iter().flat_map(move |tail| {
        (0..OCTAVES).flat_map(move |octave| {
            let width = real::ldexp(1.0, -(octave as i32) - 2) / f64::from(count);
            (0..count).map(move |segment| Segment { tail, low: width * f64::from(count + segment), width })
        })
    })
}

/// The cubic through `f` at the four Chebyshev nodes of [−1, 1], lowest power first.
fn interpolate(f: impl Fn(f64) -> f64) -> [f64; 4] {
    let nodes: [f64; 4] = std::array::from_fn(|k| real::cos(std::f64::consts::PI * (2 * k + 1) as f64 / 8.0));
    // Newton's divided differences, then the nested form multiplied out.
    let mut difference = nodes.map(&f);
    for order in 1..4 {
        for k in (order..4).rev() {
            difference[k] = (difference[k] - difference[k - 1]) / (nodes[k] - nodes[k - order]);
        }
    }
    let mut cubic = [0.0; 4];
    for k in (0..4).rev() {
        for power in (1..4).rev() {
            cubic[power] = cubic[power - 1] - nodes[k] * cubic[power];
        }
        cubic[0] = difference[k] - nodes[k] * cubic[0];
    }
    cubic
}

/// The expectation of `g`, by Gauss–Legendre quadrature of the cubics with four points a segment.
fn expectation(segment_bits: u32, coefficients: &[[f32; 4]], g: impl Fn(f64) -> f64) -> f64 {
    const NODES: [(f64, f64); 4] = [
        (-0.861136311594052575, 0.347854845137453857),
        (-0.339981043584856265, 0.652145154862546143),
        (0.339981043584856265, 0.652145154862546143),
        (0.861136311594052575, 0.347854845137453857),
    ];
    segments(segment_bits)
        .zip(coefficients)
        .flat_map(|(Segment { width, .. }, cubic)| {
            let value = |t: f64| cubic.iter().rev().fold(0.0, |sum, &c| sum * t + f64::from(c));
            NODES.map(|(t, weight)| width * weight / 2.0 * g(value(t)))
        })
        .sum()
}

/// Moments of the law that the cubics make.
fn moments(segment_bits: u32, coefficients: &[[f32; 4]]) -> Moments {
    let expect = |g: &dyn Fn(f64) -> f64| expectation(segment_bits, coefficients, g);
    let mean = expect(&|x| x);
    let variance = expect(&|x| squared(x - mean));
    Moments { mean, variance, kurtosis: expect(&|x| squared(squared(x - mean))) / squared(variance) }
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
        }
    }

    #[test]
    fn cubics_are_interpolated_exactly() {
        let cubic = interpolate(|t| 1.0 - 2.0 * t + 0.5 * t * t * t);
        for (found, wanted) in cubic.iter().zip([1.0, -2.0, 0.0, 0.5]) {
            assert!((found - wanted).abs() < 1e-14);
        }
    }

    #[test]
    fn laws_that_do_not_fit_are_refused() {
        let step = QuantileTable::new("step", |p, tail| if tail == Tail::Upper && p < 0.3 { 1.0 } else { -1.0 });
        assert!(matches!(step, Err(Error::NotTabulable { .. })));
        let pole = QuantileTable::new("pole", |p, _| 1.0 / (p - 0.25));
        assert!(matches!(pole, Err(Error::NotTabulable { .. })));
        let tiny = QuantileTable::new("tiny", |p, _| p * 1e-9);
        assert!(matches!(tiny, Err(Error::NotTabulable { .. })));
    }
}
