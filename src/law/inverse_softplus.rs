//! The law whose softplus is log-uniform: biases of Mamba's step sizes.

#[cfg(doc)]
use crate::error::LawError;
use crate::error::Result;
use crate::law::check;
use crate::law::law::{Family, Law};
use crate::law::table::tail::Tail;
use crate::real;

impl Law {
    /// The law of x where ln(1 + eˣ) is log-uniform on `[low, high]` (Gu and Dao, "Mamba", 2023, section 3.6).
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless both bounds are positive and finite, [`LawError::InvalidBounds`] if
    /// they are reversed, [`LawError::NotTabulable`] for a ratio that the table cannot hold.
    ///
    /// ```
    /// use weightinit::{DType, Fill, Law, cpu};
    ///
    /// let bias = Fill::new("w", Law::inverse_softplus_log_uniform(0.001, 0.1)?, DType::F32, 1000)?;
    /// let steps = cpu::values(&bias)?.into_iter().map(|x| x.exp().ln_1p());
    /// assert!(steps.into_iter().all(|step| (0.000_999..0.100_1).contains(&step)));
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn inverse_softplus_log_uniform(low: f64, high: f64) -> Result<Self> {
        check::positive("low", low)?;
        check::positive("high", high)?;
        check::bounds(low, high)?;
        if low == high {
            return Ok(Self::where_bounds_meet(inverse_softplus(low)));
        }
        let ratio = real::log(high / low);
        let quantile = |p: f64, tail: Tail| {
            inverse_softplus(match tail {
                Tail::Lower => low * real::exp(ratio * p),
                Tail::Upper => high * real::exp(-ratio * p),
            })
        };
        let name = || format!("inverse softplus of log-uniform on [{low}, {high}]");
        let law = Self::tabulated(Family("inverse_softplus_log_uniform"), &[low, high], name, quantile, 0.0, 1.0)?;
        Ok(law.within(inverse_softplus(low), inverse_softplus(high)))
    }
}

/// ln(eˣ − 1).
fn inverse_softplus(x: f64) -> f64 {
    x + real::log(-real::expm1(-x))
}
