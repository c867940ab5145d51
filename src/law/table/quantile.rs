//! Quantile tables: any law as one polynomial per segment of its quantile function, built on the host in f64.

use std::fmt;

use crate::error::{LawError, Result};
use crate::law::kind::Kind;
use crate::law::moments::{Moments, squared};
use crate::law::table::fit::{Fitted, Fitting, Measure, Refusal, TOLERANCE, nodes};
use crate::law::table::rows::Rows;
use crate::law::table::segment::{SEGMENT_BITS, segments, soonest};
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

/// The quantile function of a standardized law as cubics, each with its four coefficients in f32; that of a symmetric
/// normal law as parabolas in whole numbers ([`Rows::Parabolas`]).
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
    pub(super) rows: Rows,
    pub(super) error: f64,
    pub(super) reach: f64,
    pub(super) moments: Moments,
    pub(super) step: f64,
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
        Ok(Self::of_cubics(name.to_owned(), segment_bits, rows, error, reach))
    }

    /// The table of these cubics, in the law's own unit.
    pub(super) fn of_cubics(name: String, segment_bits: u32, rows: Vec<[f32; 4]>, error: f64, reach: f64) -> Self {
        Self::of_rows(name, segment_bits, Rows::Cubics(rows), 1.0, error, reach)
    }

    /// The table of these rows, of which errors and moments are those of the law in units of which a sample's step is
    /// `step`.
    pub(super) fn of_rows(name: String, segment_bits: u32, rows: Rows, step: f64, error: f64, reach: f64) -> Self {
        let moments = Moments { mean: 0.0, variance: 0.0, kurtosis: 0.0 };
        let table = Self { name, segment_bits, rows, step, error, reach, moments, unit: 1.0, is_logarithmic: false };
        Self { moments: table.moments_within(f64::NEG_INFINITY, f64::INFINITY), ..table }
    }

    /// The law's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The table as kernels read it.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The same, as words.
    pub(super) fn words(&self) -> &[u32] {
        self.rows.words()
    }

    /// The rows' bytes, little endian: what two equal tables have in common.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        self.words().iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// What 1 of a kernel's standard samples is in the table: 1 of cubics, a power of 2 of parabolas, whose samples are
    /// whole numbers.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Which kernel reads it.
    pub(crate) fn kind(&self) -> Kind {
        self.rows.kind()
    }

    /// An octave has 2 to this power segments: of cubics 3 for smooth laws, up to 6.
    pub fn segment_bits(&self) -> u32 {
        self.segment_bits
    }

    /// Largest absolute error against the f64 quantile function: of cubics, at 17 points of each segment, or at the 5
    /// where that of a smooth function is largest if it is far below the bound there; of parabolas a bound.
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

    /// The quantile of a word's probability: greater words have greater quantiles.
    pub fn at(&self, word: u32) -> f64 {
        self.step * self.rows.at(self.segment_bits, word)
    }

    /// Moments of the standardized law, integrated over the table.
    pub fn moments(&self) -> Moments {
        self.moments
    }

    /// The same of samples that are kept within bounds.
    pub(crate) fn moments_within(&self, low: f64, high: f64) -> Moments {
        let expectation = |g: &dyn Fn(f64) -> f64| self.expectation(|x| g(x.max(low).min(high)));
        let mean = expectation(&|x| x);
        let variance = expectation(&|x| squared(x - mean));
        let kurtosis = expectation(&|x| squared(squared(x - mean))) / squared(variance);
        Moments { mean, variance, kurtosis }
    }

    /// The expected power of the distance of the standardized law's samples from `mean`, which are kept within bounds,
    /// integrated over the table.
    pub(crate) fn moment_about(&self, mean: f64, order: f64, [low, high]: [f64; 2]) -> f64 {
        self.expectation(|x| real::pow(x.max(low).min(high) - mean, order))
    }

    /// The expectation of `g` over the table.
    fn expectation(&self, g: impl Fn(f64) -> f64) -> f64 {
        self.rows.expectation(self.segment_bits, |x| g(self.step * x))
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
