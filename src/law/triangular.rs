//! The triangular law: density linear from 0 at low to its largest at the mode, and back to 0 at high.

use crate::error::{LawError, Result};
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;

impl Law {
    /// The triangular law on `[low, high]` with its mode between them.
    ///
    /// # Errors
    /// [`LawError::NotFinite`] for such parameters, [`LawError::InvalidBounds`] unless low ≤ high, and
    /// [`LawError::OutOfRange`] unless the mode is between them.
    ///
    /// ```
    /// let moments = weightinit::Law::triangular(0.0, 1.0, 0.25)?.moments();
    /// assert!((moments.mean - 1.25 / 3.0).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn triangular(low: f64, high: f64, mode: f64) -> Result<Self> {
        for (name, value) in [("low", low), ("high", high), ("mode", mode)] {
            check::finite(name, value)?;
        }
        check::bounds(low, high)?;
        if mode < low || mode > high {
            let expected = format!("from low to high, which are {low:?} and {high:?}");
            return Err(LawError::OutOfRange { name: "mode", value: mode, expected }.into());
        }
        if low == high {
            return Ok(Self::where_bounds_meet(low));
        }
        let share = (mode - low) / (high - low);
        // From 0 to 1. Each side of the mode is a root in the probability from its own end.
        let quantile = |p: f64, tail: Tail| {
            let (from_low, from_high) = if tail == Tail::Lower { (p, 1.0 - p) } else { (1.0 - p, p) };
            if from_low < share { f64::sqrt(from_low * share) } else { 1.0 - f64::sqrt(from_high * (1.0 - share)) }
        };
        let name = || format!("triangular with its mode at {share}");
        Self::tabulated(Family("triangular"), &[share], name, quantile, low, high - low)
            .map(|law| law.within(low, high))
    }
}
