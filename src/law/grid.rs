//! Whether the numbers of f32, which samples of every type are, and those of the type are fine enough for a law.

use crate::dtype::DType;
use crate::error::{Error, LawError, Result};
use crate::law::table::quantile::QuantileTable;

/// Numbers that the middle half of a law must have, if more would not be too many for the type. Then no sample of less
/// than some millions tells the law from one of all numbers.
const LEAST_STEPS: f64 = 1024.0;
/// The standard normal law's interquartile range.
const NORMAL_SPREAD: f64 = 1.348_979_500_392_163_6;
/// One in so many samples may be too near to 0 for the type.
const FEW: u32 = 64;
/// Where a law's samples near 0 have sizes of their own: the median is this many times the quantile of one in [`FEW`].
const LOGARITHMIC: f64 = 1024.0;
/// One in so many samples of f64 may be one number beside a bound.
const FEWER: u32 = 1024;

/// The smallest magnitude above 0 that samples of the type can have.
pub(super) fn least(dtype: DType) -> f64 {
    dtype.sampled().least().max(f32::MIN_POSITIVE.into())
}

/// How far f32 numbers are apart near `at`.
fn step(at: f64) -> f64 {
    let at = (at as f32).abs();
    f64::from(at.next_up()) - f64::from(at)
}

/// Refuses f64 samples between bounds that are close in f32; other types have no more numbers.
pub(super) fn of_uniform(low: f64, high: f64, dtype: DType) -> Result<()> {
    let (at, spread) = (low.abs().max(high.abs()), high / 2.0 - low / 2.0);
    if dtype != DType::F64 || step(at) * LEAST_STEPS <= spread {
        return Ok(());
    }
    Err(Error::Law(LawError::Coarse {
        law: format!("uniform on [{low:?}, {high:?})"),
        at,
        step: step(at),
        spread,
        dtype,
    }))
}

/// Refuses f64 samples of a deviation that is little in f32 beside the mean.
pub(super) fn of_normal(mean: f64, std: f64, dtype: DType) -> Result<()> {
    let (at, spread) = (mean.abs(), std * NORMAL_SPREAD);
    if dtype != DType::F64 || std == 0.0 || step(at) * LEAST_STEPS <= spread {
        return Ok(());
    }
    Err(LawError::Coarse { law: "normal".to_owned(), at, step: step(at), spread, dtype }.into())
}

/// The words of one sample in `one_in` from either end.
fn ends(one_in: u32) -> [u32; 2] {
    let word = u32::MAX / one_in;
    [word, !word]
}

/// Refuses samples `mean + std · z`, z by the table, of which many are one number only for want of others.
pub(super) fn of_table(
    table: &QuantileTable,
    [mean, std]: [f64; 2],
    (low, high): (f32, f32),
    dtype: DType,
) -> Result<()> {
    let law = || table.name().to_owned();
    let term = |word: u32| std * table.at(word);
    if mean == 0.0 {
        let middle = term(1 << 31);
        let is_near_0 = |x: f64| x * middle >= 0.0 && x.abs() * LOGARITHMIC < middle.abs() && x.abs() <= least(dtype);
        if ends(FEW).map(term).into_iter().any(is_near_0) {
            return Err(LawError::TooNearZero { law: law(), one_in: FEW, least: least(dtype), dtype }.into());
        }
    }
    let quartiles = [1 << 30, 3 << 30].map(term);
    let spread = quartiles[1] - quartiles[0];
    let [terms, samples] = [0.0, mean].map(|mean| quartiles.map(|z| (mean + z).abs()));
    // Steps of the sum's parts; no narrower are those of the sum, if it is no smaller.
    let at = mean.abs().max(terms[0]).max(terms[1]);
    let is_lost = step(at) > 2.0 * step(samples[0].max(samples[1]));
    if step(at) * LEAST_STEPS > spread && (dtype == DType::F64 || is_lost) {
        return Err(LawError::Coarse { law: law(), at, step: step(at), spread, dtype }.into());
    }
    let sample = |word: u32| (mean + term(word)) as f32;
    let outermost = [0, u32::MAX].map(sample);
    for (value, other) in outermost.into_iter().zip(ends(FEWER).map(sample)) {
        // What is farther beyond a bound than the table errs is gathered there on purpose.
        let beyond = f64::from((low - other).max(other - high));
        let [value, other] = [value, other].map(|sample| sample.max(low).min(high));
        if dtype == DType::F64 && value == other && beyond <= 2.0 * std * table.error() {
            return Err(LawError::Collapsed { law: law(), one_in: FEWER, value: value.into(), dtype }.into());
        }
    }
    Ok(())
}

/// Refuses samples about 0 that are all so small that the type rounds them to 0.
pub(super) fn of_reach(reach: f64, dtype: DType) -> Result<()> {
    let least = least(dtype);
    // Half of it is rounded to 0.
    if reach > least / 2.0 { Ok(()) } else { Err(LawError::OnlyZero { low: -reach, high: reach, least, dtype }.into()) }
}
