//! The basis of a short-time Fourier transform: `keras/src/initializers/constant_initializers.py`, `STFT`.

use crate::error::{Error, Result};
use crate::init::fan::Layout;
use crate::init::matrix::shape::table;
use crate::init::matrix::window::Window;
use crate::law::check::dimension;
use crate::law::{Law, Wave};
use crate::name::names;
use crate::request::structure::Structure;

/// Which part of the complex basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// cos(2π t k / N).
    Real,
    /// −sin(2π t k / N).
    Imag,
}

/// By what a window is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scaling {
    /// The root of the sum of its squares.
    Density,
    /// The sum of its magnitudes.
    Spectrum,
    /// Nothing.
    None,
}

names!(Side, "side", { Real => "real", Imag => "imag" });

names!(Scaling, "scaling", { Density => "density", Spectrum => "spectrum", None => "none" });

pub(crate) fn parts(
    side: Side,
    window: Window,
    scaling: Scaling,
    periodic: bool,
    shape: &[u64],
    layout: Layout,
) -> Result<(Law, Structure)> {
    let wrong = |expected| Error::WrongShape { initializer: "stft", expected, shape: shape.to_vec() };
    // Keras: (frame, 1, bins). The same convolution in PyTorch: (bins, 1, frame).
    let (frame, bins) = match (layout, shape) {
        (Layout::Keras, &[frame, 1, bins]) | (Layout::Torch, &[bins, 1, frame]) => (frame, bins),
        (Layout::Keras, _) => return Err(wrong("(frame, 1, bins) in layout keras")),
        (Layout::Torch, _) => return Err(wrong("(bins, 1, frame) in layout torch")),
        _ => {
            let expected = "layout keras (frame, 1, bins) or torch (bins, 1, frame)";
            return Err(Error::WrongLayout { initializer: "stft", expected, layout: layout.to_string() });
        }
    };
    if bins < 2 {
        return Err(wrong("two or more bins"));
    }
    dimension("bins", bins)?;
    let weights = window.weights(table("stft", frame)?, periodic);
    let divisor = match scaling {
        Scaling::Density => f64::sqrt(weights.iter().map(|w| w * w).sum()),
        Scaling::Spectrum => weights.iter().map(|w| w.abs()).sum(),
        Scaling::None => 1.0,
    };
    let phase = match side {
        Side::Real => Wave::QUARTER,
        Side::Imag => 2 * Wave::QUARTER,
    };
    let waves = (0..frame).zip(&weights).map(|(time, weight)| {
        // A window that is 0 throughout has no scale.
        let amplitude = if divisor == 0.0 { 0.0 } else { weight / divisor };
        Wave { amplitude, ..Wave::of_turns(time, 2 * (bins - 1), phase) }
    });
    let law = if layout == Layout::Keras { Law::waves_by_row(waves, bins)? } else { Law::waves_by_column(waves)? };
    Ok((law, Structure::Dense))
}
