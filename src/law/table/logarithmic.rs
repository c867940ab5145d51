//! Tables of laws whose samples are almost 0 many times: right relative to each quantile, however small that is.

use std::array;

use crate::arithmetic::law::quantile::cubic as cubic_at;
use crate::error::{Error, LawError, Result};
use crate::law::table::fit::{Fitted, Fitting, Measure, NEGLIGIBLE, Refusal, TOLERANCE, nodes};
use crate::law::table::octaves::{Octaves, exponent};
use crate::law::table::quantile::{QuantileTable, too_long};
use crate::law::table::rows::Rows;
use crate::law::table::segment::{SEGMENT_BITS, Segment, segments, soonest};
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

/// The share of samples almost 0 with which no other table is tried, and the one that may be: 2 to these powers.
const MANY: i32 = -10;
const FEW: i32 = -20;
/// What is almost 0 in other tables, where coefficients below [`NEGLIGIBLE`] are 0: there they are off by up to 2^-12.
const ALMOST_0: f64 = NEGLIGIBLE * (1 << 14) as f64;
/// The same beside the spread, which the errors of other tables are measured by.
const ALMOST_0_OF_SPREAD: f64 = TOLERANCE * (1 << 8) as f64;
/// What another table may be off by, relative to its samples, but for [`FEW`] of them.
const RELATIVE: f64 = 1.0 / (1 << 12) as f64;
/// Standard samples, as exponents of 2: the largest, since coefficients of f32 are not much larger; the least that have
/// all their coefficients, and the least.
const LARGEST: i32 = 120;
const FINE: i32 = -75;
const LEAST: i32 = -92;
/// The share of samples that may be below what a table spans: 2 to this power.
const BEYOND: i32 = -28;
/// Where no table meets [`TOLERANCE`], the finest that meets this many times as much: on the scale of such a law no
/// test could tell.
const COARSER: f64 = 16.0;

/// The end at which samples are almost 0, if there is one and 0 is not inside the law, and whether many are.
pub(super) fn end<Q: Quantile>(quantile: &Q) -> Option<(Tail, bool)> {
    let end = [Tail::Lower, Tail::Upper].into_iter().find(|end| {
        let few = quantile.at(real::ldexp(1.0, FEW), *end).abs();
        // Most laws have none, and are done with.
        few < ALMOST_0 && {
            let spread = quantile.at(0.25, Tail::Upper) - quantile.at(0.25, Tail::Lower);
            let outermost = [*end, end.other()].map(|tail| quantile.at(real::ldexp(1.0, -33), tail));
            few < ALMOST_0_OF_SPREAD * spread && outermost[0] * outermost[1].signum() >= 0.0
        }
    })?;
    let many = quantile.at(real::ldexp(1.0, MANY), end).abs();
    let spread = quantile.at(0.25, Tail::Upper) - quantile.at(0.25, Tail::Lower);
    // A function of the caller's that is 0 there is meant to be.
    let is_meant = many == 0.0 && !Q::IS_SMOOTH;
    Some((end, !is_meant && many < ALMOST_0.min(ALMOST_0_OF_SPREAD * spread)))
}

/// Whether a table of the other kind is right relative to its samples, at the ends and in the middle of each segment.
pub(super) fn is_relative(table: &QuantileTable, quantile: &impl Quantile, end: Tail) -> bool {
    let few = real::ldexp(1.0, FEW);
    let Rows::Cubics(rows) = table.rows() else { return false };
    let near_0 = segments(table.segment_bits).zip(&rows[1 << table.segment_bits..]);
    near_0.filter(|(segment, _)| segment.tail == end && segment.low >= few).all(|(segment, cubic)| {
        [-1.0, 0.0, 1.0].into_iter().all(|t| {
            let exact = quantile.at(segment.probability(t), end);
            (f64::from(cubic_at(*cubic, t as f32)) - exact).abs() <= RELATIVE * exact.abs()
        })
    })
}

/// The part of a law that its table spans.
struct Span {
    /// The end that is almost 0.
    end: Tail,
    /// Probabilities from there below this have the quantile `least`.
    beyond: f64,
    /// With its sign.
    least: f64,
    /// The largest magnitude.
    reach: f64,
}

/// The table of a law that is almost 0 at this end.
pub(super) fn table(name: String, quantile: &impl Quantile, end: Tail) -> Result<QuantileTable> {
    let refused = |reason| Error::Law(LawError::NotTabulable { law: name.clone(), reason });
    let outermost = |tail| quantile.at(real::ldexp(1.0, -33), tail);
    let reach = outermost(end.other()).abs();
    if !reach.is_finite() {
        return Err(refused(format!("its largest value is {reach}")));
    }
    let spanned = real::ldexp(reach, LEAST - LARGEST);
    if spanned > quantile.least() && quantile.at(real::ldexp(1.0, BEYOND), end).abs() < spanned {
        return Err(refused(format!(
            "its largest values are more than 2^{} times its smallest, which would be off by all of their size; {}",
            LARGEST - LEAST,
            quantile.remedy()
        )));
    }
    let least = outermost(end).abs().max(spanned).max(quantile.least());
    // Units in which neither end leaves what coefficients may be.
    let shift = (FINE - exponent(least)).max(0).min(LARGEST - 1 - exponent(reach));
    let factor = real::ldexp(1.0, shift);
    let sign = outermost(end.other()).signum();
    let beyond = share_below(quantile, end, least);
    let span = Span { end, beyond, least: sign * least * factor, reach: reach * factor };
    let scaled = Octaves::new(quantile, factor, sign);
    let mut refusal = Refusal::default();
    let finest = *SEGMENT_BITS.end();
    let tries = SEGMENT_BITS.map(|bits| (bits, TOLERANCE)).chain([(finest, COARSER * TOLERANCE)]);
    for (segment_bits, tolerance) in tries {
        match with_segments(&name, segment_bits, tolerance, &scaled, &span, refusal.place) {
            Ok(table) => return Ok(QuantileTable { unit: 1.0 / factor, ..table }),
            Err(other) => refusal = other,
        }
        if refusal.place.is_none() {
            break;
        }
    }
    Err(refused(refusal.reason))
}

fn with_segments(
    name: &str,
    segment_bits: u32,
    tolerance: f64,
    quantile: &impl Quantile,
    span: &Span,
    suspect: Option<(Tail, f64)>,
) -> Fitted<QuantileTable> {
    let fitting = Fitting { quantile, measure: Measure::Quantile(span.least.abs()), tolerance, nodes: nodes() };
    let segments: Vec<_> = segments(segment_bits).collect();
    let unused = 1 << segment_bits;
    let mut rows = vec![[0.0; 4]; unused + segments.len()];
    let mut error = 0f64;
    for index in soonest(&segments, unused, suspect) {
        let segment = &segments[index];
        rows[unused + index] = if span.is_beyond(segment) {
            [span.least as f32, 0.0, 0.0, 0.0]
        } else {
            let fit = fitting.fit(segment)?;
            if !products_are_normal(fit.cubic) {
                let reason = "products of its smallest samples would be subnormal numbers".to_owned();
                return Err(Refusal { reason, place: None });
            }
            error = error.max(fit.error);
            fit.cubic
        };
        if quantile.takes_too_long() {
            return Err(too_long());
        }
    }
    let table = QuantileTable::of_cubics(name.to_owned(), segment_bits, rows, error, span.reach);
    Ok(QuantileTable { is_logarithmic: true, ..table })
}

impl Span {
    /// Whether all of the segment is below what the table spans.
    fn is_beyond(&self, segment: &Segment) -> bool {
        segment.tail == self.end && segment.probability(1.0) <= self.beyond
    }
}

/// The probability of quantiles below `least` in magnitude, at the end that is almost 0; by halves, from 2^-33 on.
fn share_below(quantile: &impl Quantile, end: Tail, least: f64) -> f64 {
    let is_below = |exponent: f64| quantile.at(real::exp(exponent * std::f64::consts::LN_2), end).abs() < least;
    let (mut low, mut high) = (-33.0, -1.0);
    if !is_below(low) {
        return 0.0;
    }
    for _ in 0..30 {
        let middle = (low + high) / 2.0;
        *(if is_below(middle) { &mut low } else { &mut high }) = middle;
    }
    real::exp(low * std::f64::consts::LN_2)
}

/// Whether no position, down to 2^-24, makes a product in the kernel's cubic a subnormal number.
fn products_are_normal(cubic: [f32; 4]) -> bool {
    let magnitudes: [f64; 4] = array::from_fn(|k| f64::from(cubic[3 - k].abs()));
    let smallest = real::ldexp(1.0, -24);
    // What the sum so far is at least, if it is not 0, and at most.
    let (mut least, mut most) = (magnitudes[0], magnitudes[0]);
    for term in &magnitudes[1..] {
        let product = least * smallest;
        if least != 0.0 && product < f64::from(f32::MIN_POSITIVE) {
            return false;
        }
        least = if *term >= 2.0 * most {
            term / 2.0
        } else if *term == 0.0 {
            product
        } else {
            // They may cancel, down to a last place of the smaller.
            product.min(*term) * smallest
        };
        most += term;
    }
    true
}
