//! Positional encodings: Vaswani et al., "Attention is all you need" (2017), section 3.5.

use crate::error::{LawError, Result};
use crate::init::matrix::shape::{rows_and_columns, table};
use crate::law::{Law, Wave};
use crate::name::names;
use crate::real;
use crate::request::structure::Structure;

/// Where sines and cosines stand in a row of positional encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SinusoidalOrder {
    /// Sines in even columns, cosines in odd ones, frequencies `base^(-2i/d)`: the paper's own.
    Interleaved,
    /// All sines, then all cosines, of the same frequencies (transformers' Marian and XLM).
    Concatenated,
    /// All sines, then all cosines, frequencies `base^(-i/(d/2 - 1))` (tensor2tensor, fairseq).
    Tensor2Tensor,
}

names!(SinusoidalOrder, "order", {
    Interleaved => "interleaved", Concatenated => "concatenated", Tensor2Tensor => "tensor2tensor"
});

pub(crate) fn parts(base: f64, order: SinusoidalOrder, shape: &[u64]) -> Result<(Law, Structure)> {
    let (_, columns) = rows_and_columns("sinusoidal", shape)?;
    check_base(base)?;
    let half = columns.div_ceil(2);
    let wave = |column: u64| {
        let (index, cosine) = match order {
            SinusoidalOrder::Interleaved => (column / 2, column % 2 == 1),
            _ => (column % half, column >= half),
        };
        let exponent = match order {
            SinusoidalOrder::Tensor2Tensor => index as f64 / (half.max(2) - 1) as f64,
            _ => 2.0 * index as f64 / columns as f64,
        };
        Wave::of_radians(real::pow(base, -exponent), if cosine { Wave::QUARTER } else { 0 })
    };
    Ok((Law::waves_by_column((0..table("sinusoidal", columns)?).map(wave))?, Structure::Dense))
}

/// Refuses a base that is no wavelength.
pub(crate) fn check_base(base: f64) -> Result<()> {
    if base.is_finite() && base > 0.0 {
        Ok(())
    } else {
        Err(LawError::NotPositive { name: "base", value: base }.into())
    }
}
