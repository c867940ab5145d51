//! How likely a tensor's statistics are under a law.

use std::ops::Range;

use statrs::function::{
    erf::erfc,
    gamma::{gamma_lr, gamma_ur},
};
use weightinit::{DType, Law};

use super::histogram::{Histogram, edge};
use super::rounded::Rounded;
use super::summary::Summary;

/// P-values below this are suspicious: one in a billion is, of samples of the law itself.
pub(crate) const SUSPICIOUS: f64 = 1e-9;
/// Bins of equal probability, at most.
const BINS: u64 = 1000;
/// Elements that a bin must expect, at least.
pub(crate) const LEAST_EXPECTED: u64 = 32;
/// Chance of an exact zero that other programs' samples have besides: their grids are of 2^-23 of a law's width and
/// finer.
const ZEROS_OF_GRIDS: f64 = 1.0 / (1 << 22) as f64;

/// One test of a tensor.
pub(crate) struct Test {
    pub(crate) name: &'static str,
    /// Standard errors from what the law says, χ², or the element itself.
    pub(crate) statistic: f64,
    /// Degrees of freedom of χ²; 0 for others.
    pub(crate) degrees: usize,
    pub(crate) p: f64,
}

impl Test {
    pub(crate) fn is_suspicious(&self) -> bool {
        self.p < SUSPICIOUS || self.p.is_nan()
    }
}

/// All tests of a tensor that its size allows.
pub(crate) fn tests(summary: &Summary, law: &Rounded<'_>) -> Vec<Test> {
    let n = summary.numbers.finite();
    if n == 0 {
        return Vec::new();
    }
    let mut tests = moments(summary, law);
    let (min, max) = (summary.numbers.min, summary.numbers.max);
    let extremes = law.of_extremes(min, max, n);
    for (name, statistic, p) in [("min", min, extremes[0]), ("max", max, extremes[1])] {
        let p = if law.gives(statistic) { p } else { 0.0 };
        tests.push(Test { name, statistic, degrees: 0, p });
    }
    tests.extend(chi_square(summary, law));
    tests.extend(zeros(summary, law));
    tests
}

/// Whether there are more zeros than chance gives: rows that were never drawn, of which χ² sees only the larger ones.
/// Said where it is so.
pub(crate) fn zeros(summary: &Summary, law: &Rounded<'_>) -> Option<Test> {
    let (n, zeros) = (summary.numbers.finite() as f64, summary.numbers.zeros);
    let expected = n * (law.of_zero() + ZEROS_OF_GRIDS);
    // As many and more, by Poisson's law.
    let p = if zeros == 0 { 1.0 } else { gamma_lr(zeros as f64, expected) };
    let test = Test { name: "zeros", statistic: zeros as f64, degrees: 0, p };
    test.is_suspicious().then_some(test)
}

/// The mean, standard deviation, skewness and kurtosis, by the standard errors of their estimates, where no single
/// element that the law can give would move an estimate by more than one of them.
fn moments(summary: &Summary, law: &Rounded<'_>) -> Vec<Test> {
    let Some((mean, central)) = law.moments() else { return Vec::new() };
    let (n, variance, found) = (summary.numbers.finite() as f64, central[2], &summary.numbers.moments);
    // Standardized moments, and the variances of estimates from them times n (Kendall and Stuart, volume 1, chapter
    // 10).
    let m: [f64; 9] = std::array::from_fn(|order| central[order] / variance.powf(order as f64 / 2.0));
    let of_skewness = m[6] - 6.0 * m[4] + 9.0 + m[3] * m[3] * (9.0 * m[4] + 35.0) / 4.0 - 3.0 * m[3] * m[5];
    let of_kurtosis = m[8] - 4.0 * m[4] * m[6] - m[4] * m[4] + 4.0 * m[4].powi(3) + 16.0 * m[3] * m[3] * (m[4] + 1.0)
        - 8.0 * m[3] * m[5];
    let estimates = [
        ("mean", (found.mean() - mean) / variance.sqrt(), 1.0),
        ("std", found.variance() / variance - 1.0, m[4] - 1.0),
        ("skewness", found.skewness() - m[3], of_skewness),
        ("kurtosis", found.excess_kurtosis() + 3.0 - m[4], of_kurtosis),
    ];
    let tests = (1..).zip(estimates).filter(|(order, (_, _, of_estimate))| {
        *of_estimate > 0.0 && law.reach().powi(*order) <= (n * of_estimate).sqrt()
    });
    // Elements that are all equal have no skewness and no kurtosis.
    let scored =
        tests.filter(|(_, (_, difference, _))| difference.is_finite()).map(|(_, (name, difference, of_estimate))| {
            let z = difference / (of_estimate / n).sqrt();
            Test { name, statistic: z, degrees: 0, p: erfc(z.abs() / 2f64.sqrt()) }
        });
    scored.collect()
}

/// Pearson's test of the elements in bins of about equal probability, whose edges are between values of the type.
fn chi_square(summary: &Summary, law: &Rounded<'_>) -> Option<Test> {
    pearson(summary, &bins_for(summary, law), 0)
}

/// The same for a law with `fitted` parameters estimated from the elements. It goes without the first and the last bin,
/// since where exactly a bounded law ends is not known from elements that were rounded.
fn chi_square_of_fit(summary: &Summary, law: &Rounded<'_>, fitted: usize) -> Option<Test> {
    let bins = bins_for(summary, law);
    pearson(summary, bins.get(1..bins.len() - 1)?, fitted)
}

/// Whether the elements in `bins` are shared out among them as their probabilities are.
fn pearson(summary: &Summary, bins: &[(Range<u32>, f64)], fitted: usize) -> Option<Test> {
    let count = |cells: &Range<u32>| summary.histogram.count(cells.clone()) as f64;
    let bins: Vec<_> = bins.iter().map(|(cells, share)| (count(cells), *share)).collect();
    chi_square_test(&bins, fitted)
}

/// The same of numbers that were found, with their probabilities.
pub(crate) fn chi_square_test(bins: &[(f64, f64)], fitted: usize) -> Option<Test> {
    let degrees = bins.len().checked_sub(1 + fitted).filter(|degrees| *degrees > 0)?;
    let sum = |of: fn(&(f64, f64)) -> f64| bins.iter().map(of).sum::<f64>();
    // Without elements in the bins, all are in those left out, and the law is another.
    let scale = sum(|(found, _)| *found) / sum(|(_, share)| *share);
    let term = |(found, share): &(f64, f64)| (found - scale * share).powi(2) / (scale * share);
    let statistic = if scale > 0.0 { bins.iter().map(term).sum() } else { f64::INFINITY };
    // The gamma function takes neither 0 nor ∞.
    let p = gamma_ur(degrees as f64 / 2.0, (statistic / 2.0).clamp(f64::MIN_POSITIVE, f64::MAX));
    Some(Test { name: "chi_square", statistic, degrees, p })
}

fn bins_for(summary: &Summary, law: &Rounded<'_>) -> Vec<(Range<u32>, f64)> {
    bins(law, BINS.min(summary.numbers.finite() / LEAST_EXPECTED))
}

/// Runs of cells with their probabilities, about 1/`count` each and no less than half of that: a coarse type's values
/// take several at once.
fn bins(law: &Rounded<'_>, count: u64) -> Vec<(Range<u32>, f64)> {
    let mut bins: Vec<(Range<u32>, f64)> = Vec::new();
    let (mut start, mut below) = (0, 0.0);
    for bin in 1..count {
        let end = first_cell(law, bin as f64 / count as f64);
        let share = law.below(edge(end.min(Histogram::CELLS - 1))) - below;
        let rest = 1.0 - below - share;
        if share.min(rest) * count as f64 >= 0.5 {
            bins.push((start..end, share));
            (start, below) = (end, below + share);
        }
    }
    bins.push((start..Histogram::CELLS, 1.0 - below));
    bins
}

/// The first cell below whose edge the law has at least probability `p`.
fn first_cell(law: &Rounded<'_>, p: f64) -> u32 {
    let (mut low, mut high) = (0, Histogram::CELLS);
    while low < high {
        let middle = u32::midpoint(low, high);
        if law.below(edge(middle)) >= p { high = middle } else { low = middle + 1 }
    }
    low
}

/// A law whose parameters are estimated from the elements.
pub(crate) struct Fit {
    pub(crate) name: &'static str,
    pub(crate) test: Test,
    /// Zeros that chance does not explain.
    pub(crate) zeros: Option<Test>,
}

/// The normal law truncated at 2 of its own standard deviations that has this mean and this standard deviation.
pub(crate) fn truncated_at_2(mean: f64, std: f64) -> weightinit::Result<Law> {
    // What truncation leaves of the standard deviation.
    let parent = std / 0.879_625_661_034_239_78;
    Law::truncated_normal(mean, parent, mean - 2.0 * parent, mean + 2.0 * parent)
}

/// How well normal, uniform and twice truncated normal laws fit, the best first; none for tensors that are too small.
pub(crate) fn fits(summary: &Summary, dtype: DType) -> Vec<Fit> {
    let numbers = &summary.numbers;
    let (mean, std) = (numbers.moments.mean(), numbers.moments.std());
    let candidates = [
        ("normal", Ok(Law::normal(mean, std)), 2),
        ("uniform", Ok(Law::uniform(numbers.min, numbers.max)), 0),
        ("normal truncated at 2 std", truncated_at_2(mean, std), 2),
    ];
    let fit = |(name, law, fitted): (_, weightinit::Result<Law>, _)| {
        let law = law.ok().filter(Law::is_random)?;
        let law = Rounded::new(&law, dtype).ok()?;
        let test = chi_square_of_fit(summary, &law, fitted)?;
        Some(Fit { name, test, zeros: zeros(summary, &law) })
    };
    let mut fits: Vec<_> = candidates.into_iter().filter_map(fit).collect();
    let badness = |fit: &Fit| fit.test.statistic / fit.test.degrees as f64;
    fits.sort_by(|a, b| badness(a).total_cmp(&badness(b)));
    fits
}
