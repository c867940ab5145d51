//! Tables of rotary embeddings: Su et al., "RoFormer: enhanced transformer with rotary position embedding" (2021),
//! equation 15.

use crate::error::{Error, Result};
use crate::init::matrix::shape::{rows_and_columns, table};
use crate::init::matrix::sinusoidal::check_base;
use crate::law::{Law, Wave};
use crate::name::names;
use crate::real;
use crate::request::structure::Structure;

/// Which of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RotaryPart {
    /// Cosines.
    Cos,
    /// Sines.
    Sin,
}

/// Where the frequencies `base^(-2i/d)` stand in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RotaryOrder {
    /// All frequencies twice, one after the other (transformers' Llama: `cat((freqs, freqs))`).
    Halves,
    /// Each frequency twice, side by side (RoFormer, GPT-J).
    Interleaved,
    /// Each frequency once, in rows of d/2 (Llama's `freqs_cis`).
    Single,
}

names!(RotaryPart, "part", { Cos => "cos", Sin => "sin" });
names!(RotaryOrder, "order", { Halves => "halves", Interleaved => "interleaved", Single => "single" });

pub(crate) fn parts(part: RotaryPart, base: f64, order: RotaryOrder, shape: &[u64]) -> Result<(Law, Structure)> {
    let (_, columns) = rows_and_columns("rotary", shape)?;
    check_base(base)?;
    if order != RotaryOrder::Single && columns % 2 != 0 {
        return Err(Error::NotDivisible { name: "columns", value: columns, divisor_name: "halves", divisor: 2 });
    }
    let frequencies = if order == RotaryOrder::Single { columns } else { columns / 2 };
    let phase = if part == RotaryPart::Cos { Wave::QUARTER } else { 0 };
    let wave = |column: u64| {
        let index = if order == RotaryOrder::Interleaved { column / 2 } else { column % frequencies };
        Wave::of_radians(frequency(base, index, frequencies), phase)
    };
    Ok((Law::waves_by_column((0..table("rotary", columns)?).map(wave))?, Structure::Dense))
}

/// The frequencies themselves.
pub(crate) fn frequencies(base: f64, shape: &[u64]) -> Result<(Law, Structure)> {
    let &[count] = shape else {
        let expected = "one dimension";
        return Err(Error::WrongShape { initializer: "rotary_frequencies", expected, shape: shape.to_vec() });
    };
    check_base(base)?;
    let count = table("rotary_frequencies", count)?;
    Ok((Law::listed((0..count).map(|index| frequency(base, index, count)))?, Structure::Dense))
}

/// Radians from one position to the next.
fn frequency(base: f64, index: u64, count: u64) -> f64 {
    real::pow(base, -(index as f64) / count as f64)
}
