//! What the statistical tests share: p-values, and the one policy by which they are judged.
//!
//! Seeds are fixed, so that nothing is flaky, and no seed is changed until a test passes. A p-value is the probability
//! that samples of the law itself give a statistic at least as large; it is uniform over (0, 1) if they are. A check
//! passes if its p-value is in [1e-6, 1 − 1e-6]: neither too far from the law nor too close to it. The tests compute
//! fewer than 500 p-values, so that true samples would fail any of them once in 1000 sets of seeds (Bonferroni: 500 ·
//! 2e-6). Every check has a control: samples with a small fault of the kind that it looks for, which must fail it.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use statrs::function::gamma::{gamma_lr, gamma_ur};

/// The smallest and, from 1, the largest p-value that passes.
pub(crate) const LEAST: f64 = 1e-6;

/// Whether samples of the law give such a p-value.
pub(crate) fn plausible(p: f64) -> bool {
    (LEAST..=1.0 - LEAST).contains(&p)
}

/// A row of the table that `--nocapture` shows.
#[allow(clippy::print_stdout, reason = "it is what scripts/check/statistics reads")]
pub(crate) fn row(what: &str, found: &str) {
    println!("| {what} | {found} |");
}

/// Asserts that a check passes.
pub(crate) fn passes(what: &str, p: f64) {
    row(what, &format!("{p:.3}"));
    assert!(plausible(p), "{what}: p = {p:e}");
}

/// Asserts that a check fails, as its control must.
pub(crate) fn fails(what: &str, p: f64) {
    assert!(!plausible(p), "control {what}: p = {p:e} passes");
}

/// P(Z > z) of a standard normal Z.
pub(crate) fn normal_tail(z: f64) -> f64 {
    libm::erfc(z * FRAC_1_SQRT_2) / 2.0
}

/// P(Z ≤ z): a z-score as a p-value that is small for either sign's extreme once `plausible` looks at both ends.
pub(crate) fn of_z(z: f64) -> f64 {
    normal_tail(-z)
}

/// The p-value of the largest of `count` absolute z-scores.
pub(crate) fn of_largest_z(largest: f64, count: usize) -> f64 {
    -f64::exp_m1(count as f64 * f64::ln_1p(-2.0 * normal_tail(largest)))
}

/// P(X > `statistic`) for χ² with `degrees` of freedom.
pub(crate) fn of_chi_square(statistic: f64, degrees: usize) -> f64 {
    gamma_ur(degrees as f64 / 2.0, statistic / 2.0)
}

/// P(X < `count`) + P(X = `count`)/2 for Poisson's law, whose ends are both implausible.
pub(crate) fn of_poisson(count: u64, mean: f64) -> f64 {
    let at_most = |count: u64| gamma_ur(count as f64 + 1.0, mean);
    if count == 0 { at_most(0) / 2.0 } else { f64::midpoint(at_most(count), at_most(count - 1)) }
}

/// Pearson's χ² of counts in cells of equal probability, as a p-value.
pub(crate) fn of_equal_cells(counts: &[u64]) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let statistic = counts.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
    of_chi_square(statistic, counts.len() - 1)
}

/// Kolmogorov's limit law: P(√n · D > `x`) (Kolmogorov 1933).
pub(crate) fn of_kolmogorov(x: f64) -> f64 {
    if x < 1.0 {
        // The other form of the same theta function converges where this one does not.
        let sum: f64 = (1..=20).map(|k| (-f64::from(2 * k - 1).powi(2) * PI * PI / (8.0 * x * x)).exp()).sum();
        return 1.0 - (2.0 * PI).sqrt() / x * sum;
    }
    (1..=20).map(|k| 2.0 * f64::from(if k % 2 == 1 { 1 } else { -1 }) * (-2.0 * f64::from(k * k) * x * x).exp()).sum()
}

/// The Anderson–Darling statistic of sorted probabilities (Anderson and Darling 1954).
pub(crate) fn anderson_darling(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    let term = |(i, &u): (usize, &f64)| (2 * i + 1) as f64 * (u.ln() + f64::ln_1p(-sorted[n - 1 - i]));
    -(n as f64) - sorted.iter().enumerate().map(term).sum::<f64>() / n as f64
}

/// P(A² > `x`) in the limit of many samples (Marsaglia and Marsaglia, "Evaluating the Anderson–Darling distribution",
/// 2004).
pub(crate) fn of_anderson_darling(x: f64) -> f64 {
    // Their short form is good to 2e-6 and no more, so that beyond 8, where P is 1e-4, the leading exponential goes on.
    if x > 8.0 {
        return of_anderson_darling(8.0) * (-(x - 8.0)).exp() * (8.0 / x).sqrt();
    }
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c);
    if x < 2.0 {
        let series = [2.00012, 0.247105, -0.0649821, 0.0347962, -0.0116720, 0.00168691];
        return 1.0 - (-1.2337141 / x).exp() / x.sqrt() * polynomial(&series, x);
    }
    let series = [1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146];
    -f64::exp_m1(-polynomial(&series, x).exp())
}

/// P(X ≤ `statistic`) for χ²: the other end, for checks of this module.
pub(crate) fn below_chi_square(statistic: f64, degrees: usize) -> f64 {
    gamma_lr(degrees as f64 / 2.0, statistic / 2.0)
}
