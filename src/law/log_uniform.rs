//! The log-uniform law: density 1 / (x ln(high / low)) on [low, high].

use crate::error::{LawError, Result};
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

/// The largest factor between the bounds for which every table is right relative to each sample.
const FARTHEST: f64 = 1e43;

impl Law {
    /// The law whose logarithm is uniform, on `[low, high]` (reciprocal law).
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless both bounds are positive and finite, [`LawError::InvalidBounds`] if
    /// they are reversed, [`LawError::NotTabulable`] if their ratio is above 1e43.
    ///
    /// ```
    /// let moments = weightinit::Law::log_uniform(0.001, 0.1)?.moments();
    /// assert!((moments.mean - 0.099 / 100f64.ln()).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn log_uniform(low: f64, high: f64) -> Result<Self> {
        check::positive("low", low)?;
        check::positive("high", high)?;
        check::bounds(low, high)?;
        if low == high {
            return Ok(Self::where_bounds_meet(low));
        }
        let ratio = real::log(low / high);
        let quantile = |p: f64, tail: Tail| match tail {
            Tail::Lower => real::exp(ratio * (1.0 - p)),
            Tail::Upper => real::exp(ratio * p),
        };
        let name = || format!("log-uniform over {:?}", high / low);
        if high / low > FARTHEST {
            let reason = format!(
                "its bounds are a factor of {:?} apart, and small samples would be off by a share of their size; take \
                 bounds that are at most {FARTHEST:?} apart",
                high / low
            );
            return Err(LawError::NotTabulable { law: name(), reason }.into());
        }
        Self::tabulated(Family("log_uniform"), &[ratio], name, quantile, 0.0, high).map(|law| law.within(low, high))
    }
}
