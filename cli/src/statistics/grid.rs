//! Uniform laws as PyTorch draws them in types of 16 bits on the CPU: with as many bits of chance as the type's
//! significand has, and so on a grid that is coarser than the type. Release 2.15 draws finer ones by another way.
//!
//! ATen/core/TransformationHelper.h, `uniform_real`: k · 2^-digits · (high − low) + low in f32, rounded to the type.

use weightinit::{DType, Law};

use super::histogram::Histogram;
use super::judge::{LEAST_EXPECTED, Test, chi_square_test};
use super::summary::Summary;

/// Bits of the significand, the leading one included.
fn digits(dtype: DType) -> Option<u32> {
    match dtype {
        DType::BF16 => Some(8),
        DType::F16 => Some(11),
        _ => None,
    }
}

/// What the law is called there.
pub(crate) fn name(dtype: DType) -> Option<String> {
    Some(format!("on PyTorch's grid of 2^{} steps", digits(dtype)?))
}

/// How well elements of `dtype` follow the uniform `law` on that grid; nothing for other laws and types, or where an
/// element is not on it.
pub(crate) fn test(summary: &Summary, law: &Law, dtype: DType) -> Option<Test> {
    let Law::Uniform { low, high } = *law else { return None };
    let values = values(low, high, dtype)?;
    let share = 1.0 / values.len() as f64;
    let n = summary.numbers.finite();
    // Values that are equal after rounding stand beside each other, and cells hold each value of the type apart.
    let mut cells: Vec<(u32, f64)> = Vec::new();
    for cell in values.into_iter().map(Histogram::cell) {
        match cells.last_mut() {
            Some((last, chance)) if *last == cell => *chance += share,
            _ => cells.push((cell, share)),
        }
    }
    let counted = cells.iter().map(|(cell, chance)| (summary.histogram.count(*cell..cell + 1), *chance));
    let (mut bins, mut on_grid): (Vec<(f64, f64)>, u64) = (Vec::new(), 0);
    for (count, chance) in counted {
        on_grid += count;
        match bins.last_mut() {
            Some((found, expected)) if *expected * (n as f64) < LEAST_EXPECTED as f64 => {
                *found += count as f64;
                *expected += chance;
            }
            _ => bins.push((count as f64, chance)),
        }
    }
    if on_grid < n { None } else { chi_square_test(&bins, 0) }
}

/// The values of the grid, in ascending order.
fn values(low: f64, high: f64, dtype: DType) -> Option<Vec<f64>> {
    let steps = 1u32 << digits(dtype)?;
    let round = |x: f64| dtype.value(dtype.bits(x));
    let (low, high) = (round(low), round(high));
    let width = round(high - low) as f32;
    let value = |k: u32| round(f64::from((k as f32 / steps as f32) * width + low as f32));
    Some((0..steps).map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(torch.arange(256) / 256 * (high - low) + low).to(torch.bfloat16)` of bounds that bfloat16 rounds.
    #[test]
    fn values_are_those_of_torch() {
        let values = values(-0.05, 0.05, DType::BF16).unwrap();
        assert_eq!(values.len(), 256);
        assert_eq!((values[0], values[128], values[255]), (-0.050_048_828_125, 0.0, 0.049_560_546_875));
    }
}
