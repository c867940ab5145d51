//! The Cauchy law between two of its quantiles: density ∝ 1 / (1 + ((x − loc) / scale)²).

use crate::error::{LawError, Result};
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

impl Law {
    /// Cauchy's law conditioned on what lies between its quantiles `clip` and 1 − `clip`, since it has no variance
    /// otherwise and no type could hold it.
    ///
    /// With `clip` = 0.001 samples are within 318 scales of `loc`.
    ///
    /// # Errors
    /// [`LawError::NotFinite`] and [`LawError::NotPositive`] for such parameters; [`LawError::OutOfRange`] unless
    /// `clip` is above 0 and below 1/2; [`LawError::NotTabulable`] for a clip so small that the table cannot hold the
    /// tails.
    ///
    /// ```
    /// assert!(weightinit::Law::cauchy(0.0, 1.0, 0.001).is_ok());
    /// assert!(weightinit::Law::cauchy(0.0, 1.0, 0.0).is_err());
    /// ```
    pub fn cauchy(loc: f64, scale: f64, clip: f64) -> Result<Self> {
        check::positive("scale", scale)?;
        check::finite("clip", clip)?;
        if clip <= 0.0 || clip >= 0.5 {
            let expected = "above 0, where samples would be infinite, and below 0.5".to_owned();
            return Err(LawError::OutOfRange { name: "clip", value: clip, expected }.into());
        }
        let quantile = |p: f64, tail: Tail| {
            let p = clip + p * (1.0 - 2.0 * clip);
            tail.sign() / real::tan(std::f64::consts::PI * p)
        };
        let name = || format!("Cauchy between quantiles {clip} and {}", 1.0 - clip);
        Self::tabulated(Family("cauchy"), &[clip], name, quantile, loc, scale)
    }
}
