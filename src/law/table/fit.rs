//! Cubics through quantile functions, and how far they are off.

use crate::arithmetic::law::quantile;
use crate::law::table::segment::Segment;
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

/// The largest error that a table may have, relative to the larger of the quantile and the interquartile range.
pub(super) const TOLERANCE: f64 = 1.0 / (1 << 21) as f64;
/// Coefficients this much smaller than 1 are 0, so that no product in the kernel is subnormal.
pub(super) const NEGLIGIBLE: f64 = 1.0 / (1u64 << 40) as f64;
/// The same beside the first coefficient, where all errors are relative to the quantile.
const NEGLIGIBLE_SHARE: f64 = 1.0 / (1 << 26) as f64;
/// The least coefficient there: its product with the least position, 2^-24, is a normal number.
const LEAST_COEFFICIENT: f64 = f32::MIN_POSITIVE as f64 * (1 << 25) as f64;
/// The error there where that takes away more than the share.
const COARSE: f64 = 1.0 / (1 << 12) as f64;
/// Where the errors of cubics through the Chebyshev nodes of a smooth function are largest, in eighths.
const EXTREMES: [i32; 5] = [-8, -6, 0, 6, 8];

/// Why there is no table, and where it fails: finer segments may not.
#[derive(Default)]
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) place: Option<(Tail, f64)>,
}

/// What is good enough, or why it is not.
pub(super) type Fitted<T> = Result<T, Refusal>;

/// What a table's errors are measured by.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    /// The larger of the quantile and the interquartile range.
    Spread(f64),
    /// The quantile alone, down to the least that matters.
    Quantile(f64),
}

/// Fits cubics to a quantile function.
pub(super) struct Fitting<'a, Q> {
    pub(super) quantile: &'a Q,
    pub(super) measure: Measure,
    pub(super) tolerance: f64,
    pub(super) nodes: [f64; 4],
}

/// The cubic of a segment: the largest error, also relative to the larger of quantile and spread, where that is, and
/// the largest value.
pub(super) struct Fit {
    pub(super) cubic: [f32; 4],
    pub(super) error: f64,
    relative: f64,
    worst: f64,
    pub(super) reach: f64,
}

impl<Q: Quantile> Fitting<'_, Q> {
    /// The cubic of a segment, if it is good enough.
    pub(super) fn fit(&self, segment: &Segment) -> Fitted<Fit> {
        let exact = |t: f64| self.quantile.at(segment.probability(t), segment.tail);
        let values = self.quantile.at_nodes(self.nodes.map(|t| segment.probability(t)), segment.tail);
        let cubic = interpolate(self.nodes, values);
        let negligible = match self.measure {
            Measure::Spread(_) => NEGLIGIBLE,
            Measure::Quantile(_) => (cubic[0].abs() * NEGLIGIBLE_SHARE).max(LEAST_COEFFICIENT),
        };
        let tolerance = if negligible == LEAST_COEFFICIENT { COARSE } else { self.tolerance };
        let cubic = cubic.map(|c| if c.abs() < negligible { 0.0 } else { c as f32 });
        let nearly = |t, guess| self.quantile.near(segment.probability(t), segment.tail, guess);
        // What is clear from few points, or from quantiles that take less time, needs no more.
        let fit = if Q::IS_SMOOTH {
            let fit = self.measured(segment, cubic, EXTREMES, nearly)?;
            if fit.relative <= tolerance / 2.0 {
                return Ok(fit);
            }
            let fit = self.measured(segment, cubic, -8..=8, nearly)?;
            let is_clear = (fit.relative / tolerance - 1.0).abs() > 0.01;
            if is_clear { fit } else { self.measured(segment, cubic, -8..=8, |t, _| exact(t))? }
        } else {
            self.measured(segment, cubic, -8..=8, |t, _| exact(t))?
        };
        if fit.relative <= tolerance {
            return Ok(fit);
        }
        let off = fit.relative;
        let reason = match self.measure {
            Measure::Spread(_) => format!(
                "the cubics are off by {off:.1e} of its spread, more than {tolerance:.1e}; it is too narrow, too steep \
                 or not smooth"
            ),
            Measure::Quantile(_) => format!(
                "many of its samples are almost 0, and the cubics are off by {off:.1e} of them, more than \
                 {tolerance:.1e}; {}",
                self.quantile.remedy()
            ),
        };
        Err(Refusal { reason, place: Some((segment.tail, fit.worst)) })
    }

    /// The cubic beside `wanted` at some eighths of the segment.
    fn measured(
        &self,
        segment: &Segment,
        cubic: [f32; 4],
        eighths: impl IntoIterator<Item = i32>,
        wanted: impl Fn(f64, f64) -> f64,
    ) -> Fitted<Fit> {
        let mut fit = Fit { cubic, error: 0.0, relative: 0.0, worst: segment.low, reach: 0.0 };
        for eighth in eighths {
            let t = f64::from(eighth) / 8.0;
            let found = f64::from(quantile::cubic(cubic, t as f32));
            let wanted = wanted(t, found);
            // Not on an edge, which other segments have too.
            let place = (segment.tail, segment.probability(0.99 * t));
            if !wanted.is_finite() {
                let reason = format!("its quantile near p = {:e} ({:?} tail) is {wanted}", segment.low, segment.tail);
                return Err(Refusal { reason, place: Some(place) });
            }
            let error = (found - wanted).abs();
            let (Measure::Spread(least) | Measure::Quantile(least)) = self.measure;
            let relative = if error == 0.0 { 0.0 } else { error / wanted.abs().max(least) };
            fit.error = fit.error.max(error);
            fit.reach = fit.reach.max(wanted.abs());
            if relative > fit.relative || relative.is_nan() {
                (fit.relative, fit.worst) = (relative, place.1);
            }
        }
        Ok(fit)
    }
}

/// The four Chebyshev nodes of [−1, 1].
pub(super) fn nodes() -> [f64; 4] {
    std::array::from_fn(|k| real::cos(std::f64::consts::PI * (2 * k + 1) as f64 / 8.0))
}

/// The cubic with these values at the nodes, lowest power first.
fn interpolate(nodes: [f64; 4], values: [f64; 4]) -> [f64; 4] {
    // Newton's divided differences, then the nested form multiplied out.
    let mut difference = values;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubics_are_interpolated_exactly() {
        let cubic = interpolate(nodes(), nodes().map(|t| 1.0 - 2.0 * t + 0.5 * t * t * t));
        for (found, wanted) in cubic.iter().zip([1.0, -2.0, 0.0, 0.5]) {
            assert!((found - wanted).abs() < 1e-14);
        }
    }
}
