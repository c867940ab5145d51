//! Quantile tables: any law as one cubic per segment of its quantile function, built on the host in f64.

use std::fmt;

use crate::arithmetic::law::quantile;
use crate::error::{LawError, Result};
use crate::law::moments::{Moments, squared};
use crate::law::table::fit::{Fitted, Fitting, Measure, Refusal, TOLERANCE, nodes};
use crate::law::table::segment::{SEGMENT_BITS, Segment, segments, soonest};
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

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
    pub(super) name: String,
    pub(super) segment_bits: u32,
    pub(super) rows: Vec<[f32; 4]>,
    pub(super) error: f64,
    pub(super) reach: f64,
    pub(super) moments: Moments,
    pub(super) unit: f64,
    pub(super) is_logarithmic: bool,
}

impl QuantileTable {
    /// The table whose errors are relative to the law's spread.
    pub(super) fn plain(name: String, quantile: &impl Quantile) -> Result<Self> {
        let mut refused = Refusal::default();
        for segment_bits in SEGMENT_BITS {
            match Self::with_segments(&name, segment_bits, quantile, refused.place) {
                Ok(table) => return Ok(table),
                Err(refusal) => refused = refusal,
            }
            if refused.place.is_none() {
                break;
            }
        }
        Err(LawError::NotTabulable { law: name, reason: refused.reason }.into())
    }

    /// The table with 2^`segment_bits` segments an octave, if it is good enough. `suspect` is where one of fewer was
    /// not.
    fn with_segments<Q: Quantile>(
        name: &str,
        segment_bits: u32,
        quantile: &Q,
        suspect: Option<(Tail, f64)>,
    ) -> Fitted<Self> {
        let spread = quantile.at(0.25, Tail::Upper) - quantile.at(0.25, Tail::Lower);
        let fitting = Fitting { quantile, measure: Measure::Spread(spread), tolerance: TOLERANCE, nodes: nodes() };
        let segments: Vec<_> = segments(segment_bits).collect();
        let unused = 1 << segment_bits;
        let mut rows = vec![[0.0; 4]; unused + segments.len()];
        let end = |tail| if Q::IS_SMOOTH { quantile.at(real::ldexp(1.0, -33), tail).abs() } else { 0.0 };
        let (mut error, mut reach) = (0f64, end(Tail::Lower).max(end(Tail::Upper)));
        if Q::IS_SMOOTH {
            standardized(reach)?;
        }
        for index in soonest(&segments, unused, suspect) {
            let fit = fitting.fit(&segments[index])?;
            if quantile.takes_too_long() {
                return Err(too_long());
            }
            error = error.max(fit.error);
            if !Q::IS_SMOOTH {
                reach = reach.max(fit.reach);
            }
            rows[unused + index] = fit.cubic;
        }
        standardized(reach)?;
        let moments = moments(segment_bits, &rows[unused..]);
        let name = name.to_owned();
        Ok(Self { name, segment_bits, rows, error, reach, moments, unit: 1.0, is_logarithmic: false })
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

    /// Largest absolute error of the f32 cubics against the f64 quantile function, at 17 points of each segment, or at
    /// the 5 where that of a smooth function is largest if it is far below the bound there.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// Largest magnitude of a sample, in the table's unit.
    pub fn reach(&self) -> f64 {
        self.reach
    }

    /// What 1 in the table is of the law: a power of 2, which is 1 unless quantiles are far from it.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// Whether its errors are relative to each quantile alone, since many are almost 0.
    pub(crate) fn is_logarithmic(&self) -> bool {
        self.is_logarithmic
    }

    /// The quantile of a word.
    pub(crate) fn at(&self, word: u32) -> f64 {
        quantile::quantile(&self.rows, self.segment_bits, word).into()
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

/// The refusal of a function that takes too long.
pub(super) fn too_long() -> Refusal {
    let reason = "its quantiles take too long to find; take parameters that are less extreme".to_owned();
    Refusal { reason, place: None }
}

/// Refuses a law whose largest value is nothing beside what coefficients may be.
fn standardized(reach: f64) -> Fitted<()> {
    if reach >= real::ldexp(1.0, -20) {
        return Ok(());
    }
    Err(Refusal { reason: format!("its largest value is {reach:e}; standardize it to about 1"), place: None })
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
pub(super) fn moments(segment_bits: u32, coefficients: &[[f32; 4]]) -> Moments {
    let expect = |g: &dyn Fn(f64) -> f64| expectation(segment_bits, coefficients, g);
    let mean = expect(&|x| x);
    let variance = expect(&|x| squared(x - mean));
    Moments { mean, variance, kurtosis: expect(&|x| squared(squared(x - mean))) / squared(variance) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn laws_that_do_not_fit_are_refused() {
        let step = QuantileTable::new("step", |p, tail| if tail == Tail::Upper && p < 0.3 { 1.0 } else { -1.0 });
        assert!(matches!(step, Err(Error::Law(LawError::NotTabulable { .. }))));
        let pole = QuantileTable::new("pole", |p, _| 1.0 / (p - 0.25));
        assert!(matches!(pole, Err(Error::Law(LawError::NotTabulable { .. }))));
        let tiny = QuantileTable::new("tiny", |p, _| p * 1e-9);
        assert!(matches!(tiny, Err(Error::Law(LawError::NotTabulable { .. }))));
    }
}
