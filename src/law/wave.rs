//! Sine waves over a matrix: positional encodings and Fourier bases.

use crate::real;
use std::sync::Arc;

/// One sine wave, `amplitude · sin(2π (position · frequency + phase))`.
///
/// Frequency and phase are fixed-point fractions of a turn, so that whole turns drop out exactly, however far the
/// position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wave {
    /// Turns from one position to the next, times 2^64.
    pub frequency: u64,
    /// Turns at position 0, times 2^32.
    pub phase: u32,
    /// Largest value.
    pub amplitude: f64,
}

impl Wave {
    /// A quarter of a turn, which makes a cosine of a sine.
    pub const QUARTER: u32 = 1 << 30;

    /// A wave that turns by `radians` from one position to the next.
    pub fn of_radians(radians: f64, phase: u32) -> Self {
        let turns = radians / std::f64::consts::TAU;
        Self { frequency: fraction(turns), phase, amplitude: 1.0 }
    }

    /// A wave that makes `turns` whole turns in `length` positions.
    ///
    /// # Panics
    /// If `length` is 0.
    pub fn of_turns(turns: u64, length: u64, phase: u32) -> Self {
        let frequency = ((u128::from(turns % length) << 64) + u128::from(length) / 2) / u128::from(length);
        Self { frequency: frequency as u64, phase, amplitude: 1.0 }
    }
}

/// The fraction of a number times 2^64.
fn fraction(turns: f64) -> u64 {
    let fraction = turns - f64::floor(turns);
    // Exact: a power of two. 1 can come out of a tiny negative number.
    (fraction * real::ldexp(1.0, 64)) as u128 as u64
}

/// Waves over a matrix, a wave for each column with the rows as positions, or the other way round.
///
/// ```
/// use weightinit::law::Wave;
/// use weightinit::{DType, Fill, Law, cpu};
///
/// // sin and cos of 0.5 radians a row.
/// let waves = [Wave::of_radians(0.5, 0), Wave::of_radians(0.5, Wave::QUARTER)];
/// let fill = Fill::new("w", Law::waves_by_column(waves)?, DType::F32, 6)?;
/// let values = cpu::values(&fill)?;
/// assert_eq!(values[..2], [0.0, 1.0]);
/// assert!((values[4] - 1f64.sin()).abs() < 2e-7);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Waves {
    pub(super) waves: Arc<[Wave]>,
    pub(super) columns: u64,
    pub(super) by_row: bool,
}

/// Amplitudes below this could make samples subnormal: the smallest sine that is not 0 is above 2^-25.
pub(super) const LEAST_AMPLITUDE: f64 = f32::MIN_POSITIVE as f64 * (1 << 25) as f64;

impl Waves {
    /// The words that the kernel reads.
    pub(super) fn words(&self) -> Arc<[u32]> {
        let words = |wave: &Wave| {
            let amplitude = (wave.amplitude as f32).to_bits();
            [wave.frequency as u32, (wave.frequency >> 32) as u32, wave.phase, amplitude]
        };
        self.waves.iter().flat_map(words).collect()
    }

    /// The largest amplitude.
    pub(super) fn reach(&self) -> f64 {
        self.waves.iter().map(|wave| wave.amplitude.abs()).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::Wave;

    #[test]
    fn frequencies_are_fractions_of_a_turn() {
        assert_eq!(Wave::of_turns(1, 4, 0).frequency, 1 << 62);
        assert_eq!(Wave::of_turns(7, 4, 0).frequency, 3 << 62);
        assert_eq!(Wave::of_turns(1, 3, 0).frequency, 0x5555_5555_5555_5555);
        assert_eq!(Wave::of_radians(std::f64::consts::PI, 0).frequency, 1 << 63);
        assert_eq!(Wave::of_radians(-std::f64::consts::FRAC_PI_2, 0).frequency, 3 << 62);
    }
}
