//! Uniform laws as PyTorch draws them in types of 16 bits on the CPU, which are coarser than the law or have other
//! ends.

use weightinit::{DType, Law};

use super::histogram::Histogram;
use super::judge::{LEAST_EXPECTED, Test, chi_square_test};
use super::summary::Summary;

/// Bins hold this share of the elements at least: 64 steps of the 24 bits of chance that a sample is made of.
const LEAST_SHARE: f64 = 1.0 / (1 << 18) as f64;

/// Values in ascending order, each with its probability.
type Values = Vec<(f64, f64)>;

/// How well elements of `dtype` follow the uniform `law` in one of PyTorch's ways, and what that is called, if they do;
/// nothing for other laws and types.
pub(crate) fn test(summary: &Summary, law: &Law, dtype: DType) -> Option<(String, Test)> {
    let Law::Uniform { low, high } = *law else { return None };
    let digits = digits(dtype)?;
    let judged = |way: String, values: Values| {
        chi_square(summary, &values).filter(|test| !test.is_suspicious()).map(|test| (way, test))
    };
    judged(format!("on PyTorch's grid of 2^{digits} steps"), coarse(low, high, dtype, digits)).or_else(|| {
        let way = "in which what rounds to the upper bound is the lower one, as in PyTorch";
        judged(way.to_owned(), folded(low, high, dtype))
    })
}

/// Bits of the significand of a type of 16 bits, the leading one included.
fn digits(dtype: DType) -> Option<u32> {
    match dtype {
        DType::BF16 => Some(8),
        DType::F16 => Some(11),
        _ => None,
    }
}

/// Until release 2.14, with as many bits of chance as the significand has: k · 2^-digits · (high − low) + low in f32,
/// rounded to the type (`uniform_real` of ATen/core/TransformationHelper.h).
fn coarse(low: f64, high: f64, dtype: DType, digits: u32) -> Values {
    let steps = 1u32 << digits;
    let round = |x: f64| dtype.value(dtype.bits(x));
    let (low, high) = (round(low), round(high));
    let width = round(high - low) as f32;
    let value = |k: u32| round(f64::from((k as f32 / steps as f32) * width + low as f32));
    (0..steps).map(|k| (value(k), 1.0 / f64::from(steps))).collect()
}

/// Since release 2.15, with the 24 bits of f32, rounded to the type; where that gives the rounded upper bound, which
/// the law excludes, the rounded lower one is taken. Found from its samples: 10^7 of each of eight laws.
fn folded(low: f64, high: f64, dtype: DType) -> Values {
    let round = |x: f64| dtype.value(dtype.bits(x));
    let mut values: Vec<f64> = (0..=u64::from(u16::MAX)).map(|bits| dtype.value(bits)).collect();
    values.retain(|value| (round(low)..=round(high)).contains(value));
    values.sort_by(f64::total_cmp);
    // −0 is 0.
    values.dedup();
    let below = |x: f64| ((x - low) / (high - low)).clamp(0.0, 1.0);
    let ends = values.windows(2).map(|pair| below(f64::midpoint(pair[0], pair[1])));
    let shares = ends.scan(0.0, |start, end| Some(end - std::mem::replace(start, end)));
    let mut values: Values = values.iter().copied().zip(shares).collect();
    let others: f64 = values.iter().map(|(_, share)| share).sum();
    if let Some((_, lowest)) = values.first_mut() {
        *lowest += 1.0 - others;
    }
    values
}

/// Pearson's test of elements that are among `values`; nothing if one is not.
fn chi_square(summary: &Summary, values: &Values) -> Option<Test> {
    // Values that are equal after rounding stand beside each other, and cells hold each value of the type apart.
    let mut cells: Vec<(u32, f64)> = Vec::new();
    for (cell, share) in values.iter().map(|(value, share)| (Histogram::cell(*value), share)) {
        match cells.last_mut() {
            Some((last, chance)) if *last == cell => *chance += share,
            _ => cells.push((cell, *share)),
        }
    }
    let n = summary.numbers.finite();
    let least = LEAST_SHARE.max(LEAST_EXPECTED as f64 / n as f64);
    let counted = cells.iter().map(|(cell, chance)| (summary.histogram.count(*cell..cell + 1), *chance));
    let (mut bins, mut among): (Vec<(f64, f64)>, u64) = (Vec::new(), 0);
    for (count, chance) in counted {
        among += count;
        match bins.last_mut() {
            Some((found, expected)) if *expected < least => {
                *found += count as f64;
                *expected += chance;
            }
            _ => bins.push((count as f64, chance)),
        }
    }
    if among < n { None } else { chi_square_test(&bins, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(torch.arange(256) / 256 * (high - low) + low).to(torch.bfloat16)` of bounds that bfloat16 rounds.
    #[test]
    fn coarse_values_are_those_of_torch() {
        let values = coarse(-0.05, 0.05, DType::BF16, 8);
        assert_eq!(values.len(), 256);
        assert_eq!([0, 128, 255].map(|k| values[k].0), [-0.050_048_828_125, 0.0, 0.049_560_546_875]);
    }

    /// Shares of the ends in 10^7 samples of `torch.empty(n, dtype=torch.bfloat16).uniform_(low, high)`, release
    /// 2.15.0.
    #[test]
    fn folded_ends_are_those_of_torch() {
        let found = [
            (0.0, 1.0, (0.0, 0.001_966), (0.996_093_75, 0.003_909)),
            (0.1, 1.3, (0.100_097_656_25, 0.006_098), (1.289_062_5, 0.006_478)),
            (-1.0, 1.0, (-1.0, 0.001_946), (0.996_093_75, 0.001_926)),
            (-0.02, 0.02, (-0.020_019_531_25, 0.002_052), (0.019_897_460_937_5, 0.003_034)),
        ];
        for (low, high, first, last) in found {
            let values = folded(low, high, DType::BF16);
            for ((value, share), (found, frequency)) in [(values[0], first), (values[values.len() - 1], last)] {
                assert_eq!(value, found);
                assert!((share - frequency).abs() < 5.0 * (frequency / 1e7_f64).sqrt(), "{share} {frequency}");
            }
            let sum: f64 = values.iter().map(|(_, share)| share).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        }
    }

    /// 2^18 samples of each way are recognised, and those of a law with another end are not.
    #[test]
    fn each_way_is_recognised() {
        let (low, high) = (0.1, 1.3);
        let law = Law::uniform(low, high);
        for dtype in [DType::BF16, DType::F16] {
            let ways = [coarse(low, high, dtype, digits(dtype).unwrap()), folded(low, high, dtype)];
            let told = ["PyTorch's grid", "as in PyTorch"];
            for (values, told) in ways.iter().zip(told) {
                let (name, _) = test(&drawn(values), &law, dtype).unwrap();
                assert!(name.contains(told), "{name}");
            }
            let other = folded(low, 1.31, dtype);
            assert!(test(&drawn(&other), &law, dtype).is_none());
            assert!(test(&drawn(&ways[0]), &Law::normal(0.0, 1.0), dtype).is_none());
        }
    }

    /// Samples of discrete values, by uniform numbers of this library.
    fn drawn(values: &Values) -> Summary {
        let ends: Vec<f64> = values
            .iter()
            .scan(0.0, |sum, (_, share)| {
                Some({
                    *sum += share;
                    *sum
                })
            })
            .collect();
        let uniform = weightinit::Fill::new(5, Law::uniform(0.0, 1.0), DType::F32, 1 << 18).unwrap();
        let chances = weightinit::cpu::values(&uniform).unwrap();
        let place = |chance: f64| ends.partition_point(|end| *end <= chance).min(values.len() - 1);
        let mut samples = chances.iter().map(|chance| values[place(*chance)].0).collect();
        let mut summary = Summary::new();
        summary.take(&mut samples);
        summary
    }
}
