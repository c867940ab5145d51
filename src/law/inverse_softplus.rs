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

    /// The same law with all steps below `floor` raised to it, so that there is a heap of samples: ln(`floor`/`low`) of
    /// ln(`high`/`low`) have its value (transformers, `MambaMixer`: `time_step_floor`).
    ///
    /// # Errors
    /// [`LawError::NotPositive`] for a `floor` that is not positive and finite, [`LawError::InvalidBounds`] for one above
    /// `high`, and those of [`Law::inverse_softplus_log_uniform`].
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// let law = Law::inverse_softplus_log_uniform_above(0.001, 0.1, 0.01)?;
    /// let Law::Tabulated { low, .. } = law else { unreachable!() };
    /// assert!((low.exp().ln_1p() - 0.01).abs() < 1e-12 && (law.cdf(low).unwrap() - 0.5).abs() < 1e-6);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn inverse_softplus_log_uniform_above(low: f64, high: f64, floor: f64) -> Result<Self> {
        let law = Self::inverse_softplus_log_uniform(low, high)?;
        check::positive("floor", floor)?;
        check::bounds(floor, high)?;
        if floor == high {
            return Ok(Self::where_bounds_meet(inverse_softplus(floor)));
        }
        Ok(if floor <= low { law } else { law.within(inverse_softplus(floor), inverse_softplus(high)) })
    }
}

/// ln(eˣ − 1).
fn inverse_softplus(x: f64) -> f64 {
    x + real::log(-real::expm1(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By a sum over equal parts of the probability.
    #[test]
    #[cfg_attr(miri, ignore = "minutes for each table")]
    fn moments_know_what_a_floor_gathers() {
        const PARTS: u32 = 1 << 20;
        for (low, high, floor) in [(0.001, 0.1, 0.0), (0.001, 0.1, 0.004), (0.002, 0.2, 0.15)] {
            let law = Law::inverse_softplus_log_uniform_above(low, high, f64::max(floor, low)).unwrap();
            let sample = |i: u32| {
                let step = low * real::exp(real::log(high / low) * (f64::from(i) + 0.5) / f64::from(PARTS));
                inverse_softplus(step.max(floor))
            };
            let mean_of = |g: &dyn Fn(f64) -> f64| (0..PARTS).map(|i| g(sample(i))).sum::<f64>() / f64::from(PARTS);
            let mean = mean_of(&|x| x);
            let moments = law.moments();
            let expected = [2, 4].map(|order| mean_of(&|x| (x - mean).powi(order)));
            let found = [moments.variance, moments.kurtosis * moments.variance * moments.variance];
            assert!((moments.mean - mean).abs() < 1e-4 * expected[0].sqrt(), "{floor}: {moments:?}, not {mean}");
            for (order, (found, expected)) in [2, 4].into_iter().zip(found.into_iter().zip(expected)) {
                assert!((found / expected - 1.0).abs() < 1e-3, "{floor}, {order}: {found}, not {expected}");
                assert!((law.central_moment(order).unwrap() / expected - 1.0).abs() < 1e-3, "{floor}, {order}");
            }
        }
        let highest = Law::inverse_softplus_log_uniform_above(0.1, 0.2, 0.2).unwrap();
        assert_eq!(highest.moments().variance, 0.0);
        assert!(Law::inverse_softplus_log_uniform_above(0.1, 0.2, 0.3).is_err());
        assert!(Law::inverse_softplus_log_uniform_above(0.1, 0.2, f64::NAN).is_err());
    }
}
