//! The rows of quantile tables: polynomials, as kernels read and compute them.

use crate::arithmetic::law::{quantile, symmetric_quantile};
use crate::law::kind::Kind;
use crate::law::table::segment::{Segment, segments};

/// A table as kernels read it, after as many rows of zeros as an octave has segments, which none of them reads.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rows {
    /// Cubics, `[tail][octave][segment]` in row-major order, lowest power first: for [`crate::law::Kind::Quantile`].
    Cubics(Vec<[f32; 4]>),
    /// Of one tail of a symmetric law, how far from the middle quantiles are, as parabolas in whole numbers of
    /// [`crate::law::QuantileTable::step`], `[octave][segment]`: the start, and the slope times 2^16 plus the
    /// curvature. For [`crate::law::Kind::SymmetricQuantile`].
    Parabolas(Vec<[u32; 2]>),
}

impl Rows {
    /// As words.
    pub(super) fn words(&self) -> &[u32] {
        match self {
            Self::Cubics(rows) => bytemuck::cast_slice(rows),
            Self::Parabolas(rows) => bytemuck::cast_slice(rows),
        }
    }

    /// Which kernel reads them.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Cubics(_) => Kind::Quantile,
            Self::Parabolas(_) => Kind::SymmetricQuantile,
        }
    }

    /// The quantile of a word's probability, in steps.
    pub(super) fn at(&self, segment_bits: u32, word: u32) -> f64 {
        f64::from(match self {
            Self::Cubics(rows) => quantile::quantile(rows, segment_bits, word),
            Self::Parabolas(rows) => {
                // Kernels take the first bit for the sign, and the others from the law's end on either side.
                let word = if word >> 31 == 0 { word | 1 << 31 } else { !word };
                symmetric_quantile::symmetric_quantile(rows, segment_bits, word)
            }
        })
    }

    /// The expectation of `g` of a sample in steps, by Gauss–Legendre quadrature with four points a segment.
    pub(super) fn expectation(&self, segment_bits: u32, g: impl Fn(f64) -> f64) -> f64 {
        let (segments, unused) = (segments(segment_bits), 1 << segment_bits);
        match self {
            Self::Cubics(rows) => {
                let value = |cubic: &[f32; 4], t: f64| cubic.iter().rev().fold(0.0, |sum, &c| sum * t + f64::from(c));
                segments.zip(&rows[unused..]).map(|(segment, row)| mean(&segment, |t| g(value(row, t)))).sum()
            }
            Self::Parabolas(rows) => {
                let both = |x: f64| g(x) + g(-x);
                let value = |row, t| both(distance(row, (t + 1.0) / 2.0));
                segments.zip(&rows[unused..]).map(|(segment, row)| mean(&segment, |t| value(*row, t))).sum()
            }
        }
    }
}

/// The integral of a function of the position, from −1 to 1, over a segment's probability.
fn mean(segment: &Segment, value: impl Fn(f64) -> f64) -> f64 {
    const NODES: [(f64, f64); 4] = [
        (-0.861136311594052575, 0.347854845137453857),
        (-0.339981043584856265, 0.652145154862546143),
        (0.339981043584856265, 0.652145154862546143),
        (0.861136311594052575, 0.347854845137453857),
    ];
    NODES.map(|(t, weight)| segment.width * weight / 2.0 * value(t)).into_iter().sum()
}

/// How far from the middle a parabola is at t from 0 to 1, in the mean of what is cut off there.
fn distance([start, bends]: [u32; 2], t: f64) -> f64 {
    let (slope, curvature) = (f64::from(bends >> 16), f64::from(bends & 0xffff));
    let cut_off_t = (slope - 2.0 * curvature * t) / f64::from(1 << 16);
    f64::from(start) + (1.0 - t + cut_off_t) / 2.0 - (slope - curvature * t) * t
}
