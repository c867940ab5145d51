//! Quantile tables: any law as one cubic per segment of its quantile function, built on the host in f64.

use std::fmt;

use super::Moments;
use crate::cpu::quantile;
use crate::error::{Error, Result};

/// Segments of each octave.
const SEGMENTS: usize = 8;
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

/// The quantile function of a standardized law as 512 cubics (8 KiB), each with its four coefficients in f32.
///
/// A word picks the tail by its top bit, an octave of probability by the leading zeros of the rest, one of 8 segments of
/// the octave by the next three bits, and the position in it by what remains, so that probabilities go down to 2^-33
/// on either side. The error against the f64 quantile function is measured when the table is built.
///
/// ```
/// use wginit::{QuantileTable, Tail};
///
/// // The logistic law: q(p) = ln(p / (1 - p)).
/// let table = QuantileTable::new("logistic", |p, tail| match tail {
///     Tail::Lower => (p / (1.0 - p)).ln(),
///     Tail::Upper => -(p / (1.0 - p)).ln(),
/// })?;
/// assert!(table.error() < 1e-5);
/// # Ok::<(), wginit::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct QuantileTable {
    name: String,
    coefficients: Vec<[f32; 4]>,
    error: f64,
    reach: f64,
    moments: Moments,
}

impl QuantileTable {
    /// Tabulates `quantile(p, tail)`, p in (0, 1/2], a function that is monotone over both tails.
    ///
    /// # Errors
    /// [`Error::NotTabulable`] if a value is not finite or below 2^-20 everywhere, or if the cubics miss the function by
    /// more than 2^-21 of the larger of |q| and the interquartile range.
    pub fn new(name: impl Into<String>, quantile: impl Fn(f64, Tail) -> f64) -> Result<Self> {
        let name = name.into();
        let refuse = |reason: String| Error::NotTabulable { law: name.clone(), reason };
        let spread = quantile(0.25, Tail::Upper) - quantile(0.25, Tail::Lower);
        let mut coefficients = Vec::with_capacity(2 * OCTAVES * SEGMENTS);
        let (mut error, mut worst, mut reach) = (0f64, 0f64, 0f64);
        for (tail, octave, segment) in segments() {
            let exact = |t: f64| quantile(probability(octave, segment, t), tail);
            let cubic = interpolate(exact).map(|c| if c.abs() < NEGLIGIBLE { 0.0 } else { c as f32 });
            for step in -8..=8 {
                let t = f64::from(step) / 8.0;
                let wanted = exact(t);
                if !wanted.is_finite() {
                    let p = probability(octave, segment, t);
                    return Err(refuse(format!("its quantile at p = {p:e} ({tail:?} tail) is {wanted}")));
                }
                let miss = (f64::from(quantile::cubic(cubic, t as f32)) - wanted).abs();
                error = error.max(miss);
                worst = worst.max(miss / wanted.abs().max(spread));
                reach = reach.max(wanted.abs());
            }
            coefficients.push(cubic);
        }
        if reach < 2f64.powi(-20) {
            return Err(refuse(format!("its largest value is {reach:e}; standardize it to about 1")));
        }
        if worst.is_nan() || worst > TOLERANCE {
            return Err(refuse(format!(
                "the cubics are off by {worst:.1e} of its spread, more than {TOLERANCE:.1e}; it is too narrow, too \
                 steep or not smooth"
            )));
        }
        let moments = moments(&coefficients);
        Ok(Self { name, coefficients, error, reach, moments })
    }

    /// The law's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cubics, `[tail][octave][segment]` in row-major order, lowest power first.
    pub fn coefficients(&self) -> &[[f32; 4]] {
        &self.coefficients
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
}

impl fmt::Debug for QuantileTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuantileTable").field("name", &self.name).field("error", &self.error).finish_non_exhaustive()
    }
}

/// All segments in the order of the table.
fn segments() -> impl Iterator<Item = (Tail, usize, usize)> {
    [Tail::Lower, Tail::Upper]
        .into_iter()
        .flat_map(|tail| (0..OCTAVES).flat_map(move |octave| (0..SEGMENTS).map(move |segment| (tail, octave, segment))))
}

/// The probability at position `t` in [−1, 1] of a segment: octave n holds p in [2^-(n+2), 2^-(n+1)).
fn probability(octave: usize, segment: usize, t: f64) -> f64 {
    let mantissa = (SEGMENTS as f64 + segment as f64 + (t + 1.0) / 2.0) / (2 * SEGMENTS) as f64;
    mantissa * 2f64.powi(-(octave as i32) - 1)
}

/// The cubic through `f` at the four Chebyshev nodes of [−1, 1], lowest power first.
fn interpolate(f: impl Fn(f64) -> f64) -> [f64; 4] {
    let nodes: [f64; 4] = std::array::from_fn(|k| libm::cos(std::f64::consts::PI * (2 * k + 1) as f64 / 8.0));
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

/// Moments of the law that the cubics make, by Gauss–Legendre quadrature with four points a segment.
fn moments(coefficients: &[[f32; 4]]) -> Moments {
    const NODES: [(f64, f64); 4] = [
        (-0.861136311594052575, 0.347854845137453857),
        (-0.339981043584856265, 0.652145154862546143),
        (0.339981043584856265, 0.652145154862546143),
        (0.861136311594052575, 0.347854845137453857),
    ];
    let expect = |g: &dyn Fn(f64) -> f64| -> f64 {
        segments()
            .zip(coefficients)
            .flat_map(|((_, octave, segment), cubic)| {
                let mass = probability(octave, segment, 1.0) - probability(octave, segment, -1.0);
                NODES.map(|(t, weight)| {
                    mass * weight / 2.0 * g(cubic.iter().rev().fold(0.0, |sum, &c| sum * t + f64::from(c)))
                })
            })
            .sum()
    };
    let mean = expect(&|x| x);
    let variance = expect(&|x| (x - mean).powi(2));
    Moments { mean, variance, kurtosis: expect(&|x| (x - mean).powi(4)) / variance.powi(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octaves_tile_both_halves_of_the_unit_interval() {
        assert_eq!(probability(0, 7, 1.0), 0.5);
        assert_eq!(probability(0, 0, -1.0), probability(1, 7, 1.0));
        assert_eq!(probability(31, 0, -1.0), 2f64.powi(-33));
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
