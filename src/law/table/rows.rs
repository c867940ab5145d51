//! The rows of quantile tables: polynomials, as kernels read and compute them.

use crate::arithmetic::law::{quantile, symmetric_quantile};
use crate::law::kind::Kind;
use crate::law::table::segment::{Segment, segments};

/// A table as kernels read it. Before its octaves are as many rows of zeros as one of them has segments, which no kernel
/// reads.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rows {
    /// Cubics, `[tail][octave][segment]` in row-major order, lowest power first: for [`crate::law::Kind::Quantile`].
    Cubics(Vec<[f32; 4]>),
    /// Of a symmetric law, how far from the middle quantiles are, as parabolas in whole numbers: for
    /// [`crate::law::Kind::SymmetricQuantile`].
    Parabolas {
        /// `[octave][segment]`: the start, and the slope times 2^16 plus the curvature. Before them octave 0 stands
        /// once more.
        rows: Vec<[u32; 2]>,
        /// The f32 number that stands for the middle in units of [`crate::law::QuantileTable::step`]. A start is the
        /// bits of another.
        middle: f32,
    },
}

impl Rows {
    /// As words.
    pub(super) fn words(&self) -> &[u32] {
        match self {
            Self::Cubics(rows) => bytemuck::cast_slice(rows),
            Self::Parabolas { rows, .. } => bytemuck::cast_slice(rows),
        }
    }

    /// Which kernel reads them.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Cubics(_) => Kind::Quantile,
            Self::Parabolas { .. } => Kind::SymmetricQuantile,
        }
    }

    /// What kernels read as a pattern of bits: of parabolas the number that stands for the middle.
    pub(in crate::law) fn pattern(&self) -> u32 {
        match self {
            Self::Cubics(_) => 0,
            Self::Parabolas { middle, .. } => middle.to_bits(),
        }
    }

    /// The quantile of a word's probability, in steps.
    pub(super) fn at(&self, segment_bits: u32, word: u32) -> f64 {
        f64::from(match self {
            Self::Cubics(rows) => quantile::quantile(rows, segment_bits, word),
            Self::Parabolas { rows, middle } => {
                // Kernels take the first bit for the sign, and the others from the middle on either side.
                let word = if word >> 31 == 0 { !word } else { word ^ 1 << 31 };
                symmetric_quantile::symmetric_quantile(rows, *middle, word)
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
            Self::Parabolas { rows, middle } => {
                let both = |x: f64| g(x) + g(-x);
                let value = |row, t| both(distance(f64::from(*middle), bits(row, (t + 1.0) / 2.0)));
                // Of an octave the first is the last here, but all of them are as wide.
                segments.zip(&rows[2 * unused..]).map(|(segment, row)| mean(&segment, |t| value(*row, t))).sum()
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

/// What a parabola gives at t from 0 to 1, in the mean of what is cut off there.
fn bits([start, bends]: [u32; 2], t: f64) -> f64 {
    let (slope, curvature) = (f64::from(bends >> 16), f64::from(bends & 0xffff));
    let cut_off = if bends == 0 { 0.0 } else { (1.0 + t) / 2.0 };
    f64::from(start) + (slope + curvature * t) * t - cut_off
}

/// The greatest power of 2 that is no greater than a number.
pub(super) fn power_of_2(number: f32) -> f32 {
    f32::from_bits(number.to_bits() & 0xff80_0000)
}

/// How far from the middle the number is, in steps, of which bits are given with a fraction.
pub(super) fn distance(middle: f64, bits: f64) -> f64 {
    let power = power_of_2(f32::from_bits(bits as u32));
    let beyond = (bits - f64::from(power.to_bits())) / f64::from(1 << 23);
    f64::from(power) * (1.0 + beyond) - middle
}
