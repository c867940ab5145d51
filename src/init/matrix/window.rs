//! Windows of a frame, as `scipy.signal.windows` has them.

use std::f64::consts::{PI, TAU};

use crate::name::names;
use crate::real;

/// A window over a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// Hann.
    Hann,
    /// Hamming.
    Hamming,
    /// Blackman.
    Blackman,
    /// Blackman–Harris, four terms.
    BlackmanHarris,
    /// Nuttall's minimum four-term window.
    Nuttall,
    /// Flat top.
    FlatTop,
    /// Half a period of a sine.
    Cosine,
    /// Triangle whose ends are 0.
    Bartlett,
    /// 1 everywhere.
    Boxcar,
}

names!(Window, "window", {
    Hann => "hann", Hamming => "hamming", Blackman => "blackman", BlackmanHarris => "blackmanharris",
    Nuttall => "nuttall", FlatTop => "flattop", Cosine => "cosine", Bartlett => "bartlett", Boxcar => "boxcar"
});

impl Window {
    /// The `frame` weights: symmetric, or one period of a periodic window.
    pub(super) fn weights(self, frame: u64, periodic: bool) -> Vec<f64> {
        if frame == 1 {
            return vec![1.0];
        }
        let steps = if periodic { frame } else { frame - 1 } as f64;
        (0..frame).map(|time| self.weight(time as f64, steps)).collect()
    }

    fn weight(self, time: f64, steps: f64) -> f64 {
        let cosines = |terms: &[f64]| {
            let angle = TAU * time / steps;
            let term = |(order, factor): (usize, &f64)| {
                let sign = if order % 2 == 0 { 1.0 } else { -1.0 };
                sign * factor * real::cos(order as f64 * angle)
            };
            terms.iter().enumerate().map(term).sum()
        };
        match self {
            Self::Hann => cosines(&[0.5, 0.5]),
            Self::Hamming => cosines(&[0.54, 0.46]),
            Self::Blackman => cosines(&[0.42, 0.5, 0.08]),
            Self::BlackmanHarris => cosines(&[0.35875, 0.48829, 0.14128, 0.01168]),
            Self::Nuttall => cosines(&[0.3635819, 0.4891775, 0.1365995, 0.0106411]),
            Self::FlatTop => cosines(&[0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368]),
            Self::Cosine => real::sin(PI / (steps + 1.0) * (time + 0.5)),
            Self::Bartlett => 1.0 - (2.0 * time / steps - 1.0).abs(),
            Self::Boxcar => 1.0,
        }
    }
}
