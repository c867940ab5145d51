//! Checks of parameters.

use crate::error::{Error, LawError, Result};

/// Refuses NaN and infinities.
pub(crate) fn finite(name: &'static str, value: f64) -> Result<()> {
    if value.is_finite() { Ok(()) } else { Err(LawError::NotFinite { name, value }.into()) }
}

/// Refuses what is negative, NaN or infinite.
pub(super) fn scale(name: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(LawError::InvalidScale { name, value }.into()) }
}

/// Refuses what is not above 0 and finite.
pub(super) fn positive(name: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 { Ok(()) } else { Err(LawError::NotPositive { name, value }.into()) }
}

/// Refuses what the kernels' 32-bit numbers do not hold.
pub(crate) fn dimension(name: &'static str, value: u64) -> Result<u32> {
    u32::try_from(value).map_err(|_| Error::DimensionTooLarge { name, value })
}

/// Refuses bounds that are no numbers or in the wrong order.
pub(super) fn bounds(low: f64, high: f64) -> Result<()> {
    for (name, value) in [("low", low), ("high", high)] {
        if value.is_nan() {
            return Err(LawError::NotFinite { name, value }.into());
        }
    }
    if low > high { Err(LawError::InvalidBounds { low, high }.into()) } else { Ok(()) }
}
