//! Matrices have the spectra of random ones: Marchenko and Pastur's, and, made symmetric, Wigner's semicircle.
//!
//! Eigenvalues repel each other, so that sums over them hardly fluctuate: for n × n matrices of normal samples the sum
//! of Chebyshev's T_k over the eigenvalues has a variance of k/2 whatever n is (Johansson, "On fluctuations of
//! eigenvalues of random Hermitian matrices", 1998; Cabanal-Duvillard 2001 for Marchenko and Pastur's law; Bai and
//! Silverstein 2004 for the means). Each is a z-score, much sharper than a histogram. `tests/p_values/mod.rs` states
//! the policy.

#![cfg(feature = "faer")]

mod p_values;

use faer::{Mat, Side};
use p_values::{fails, of_chi_square, of_largest_z, passes, row};
use std::f64::consts::PI;
use weightinit::{DType, Fill, Law, cpu};

/// Sums of T_1 to this one are looked at.
const ORDERS: usize = 24;

/// A square matrix of samples, in units of their standard deviation.
fn matrix(law: &Law, n: usize) -> Mat<f64> {
    let fill = Fill::new(0, law.clone(), DType::F32, (n * n) as u64).unwrap().with_seed(17).with_stream("spectrum");
    let (std, values) = (law.moments().variance.sqrt(), cpu::values(&fill).unwrap());
    Mat::from_fn(n, n, |r, c| values[r * n + c] / std)
}

/// Eigenvalues of A·Aᵀ/n, moved and scaled from Marchenko and Pastur's (0, 4) to (−1, 1).
fn of_squares(a: &Mat<f64>) -> Vec<f64> {
    let n = a.nrows() as f64;
    let values = a.singular_values().expect("the singular values converge");
    values.iter().map(|s| s * s / n / 2.0 - 1.0).collect()
}

/// Eigenvalues of (A + Aᵀ)/√(2n), scaled from the semicircle's (−2, 2) to (−1, 1).
fn of_symmetrized(a: &Mat<f64>) -> Vec<f64> {
    let scale = (2.0 * a.nrows() as f64).sqrt();
    let symmetric = Mat::from_fn(a.nrows(), a.ncols(), |r, c| (a[(r, c)] + a[(c, r)]) / scale);
    let values = symmetric.self_adjoint_eigenvalues(Side::Lower).expect("the eigenvalues converge");
    values.iter().map(|x| x / 2.0).collect()
}

/// The sums of T_1 … over eigenvalues in (−1, 1), as z-scores; `leading` is the limit law's own integral of T_1 and of
/// T_2, those of all others being 0.
fn scores(eigenvalues: &[f64], leading: [f64; 2]) -> Vec<f64> {
    let n = eigenvalues.len() as f64;
    let mut sums = vec![0.0; ORDERS];
    for &x in eigenvalues {
        let (mut last, mut this) = (1.0, x);
        for sum in &mut sums {
            *sum += this;
            (last, this) = (this, 2.0 * x * this - last);
        }
    }
    let score = |(k, sum): (usize, &f64)| {
        let limit = n * leading.get(k - 1).unwrap_or(&0.0);
        let correction = if k % 2 == 0 { 0.5 } else { 0.0 };
        (sum - limit - correction) / (k as f64 / 2.0).sqrt()
    };
    (1..).zip(&sums).map(score).collect()
}

/// The p-values of the largest score and of the sum of squares.
fn judged(scores: &[f64]) -> [f64; 2] {
    let largest = scores.iter().fold(0f64, |most, z| most.max(z.abs()));
    [of_largest_z(largest, ORDERS), of_chi_square(scores.iter().map(|z| z * z).sum(), ORDERS)]
}

const SQUARES: [f64; 2] = [-0.5, 0.0];
const SYMMETRIZED: [f64; 2] = [0.0, -0.5];

/// n times the largest distance of the eigenvalues' distribution function from `cdf`.
fn distance(mut eigenvalues: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    eigenvalues.sort_by(f64::total_cmp);
    let n = eigenvalues.len() as f64;
    let miss = |(i, &x): (usize, &f64)| (cdf(x.clamp(-1.0, 1.0)) * n - i as f64 - 0.5).abs() + 0.5;
    eigenvalues.iter().enumerate().map(miss).fold(0.0, f64::max)
}

fn semicircle(x: f64) -> f64 {
    0.5 + (x * (1.0 - x * x).sqrt() + x.asin()) / PI
}

/// Of λ = 2x + 2, whose root is a quarter circle.
fn marchenko_pastur(x: f64) -> f64 {
    2.0 * semicircle(((x + 1.0) / 2.0).sqrt()) - 1.0
}

/// How many spacings an eigenvalue may be from its place: the logarithm of n times a constant, and so for all laws of
/// the same variance (Erdős, Yau and Yin, "Rigidity of eigenvalues of generalized Wigner matrices", 2012).
fn farthest(n: usize) -> f64 {
    0.75 * (n as f64).ln()
}

fn check(n: usize) {
    let laws = [
        ("uniform", Law::uniform(-1.0, 1.0)),
        ("normal truncated at 2 σ", Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap()),
        ("normal", Law::normal(0.0, 0.02)),
    ];
    for (name, law) in laws {
        let a = matrix(&law, n);
        let (squares, symmetrized) = (of_squares(&a), of_symmetrized(&a));
        if name == "normal" {
            for (what, scores) in
                [("Marchenko–Pastur", scores(&squares, SQUARES)), ("semicircle", scores(&symmetrized, SYMMETRIZED))]
            {
                let [largest, sum] = judged(&scores);
                passes(&format!("{name} {n}²: {what}, largest of {ORDERS} Chebyshev sums"), largest);
                passes(&format!("{name} {n}²: {what}, their squares"), sum);
            }
        }
        let far = [distance(squares, marchenko_pastur), distance(symmetrized, semicircle)];
        row(
            &format!("{name} {n}²: eigenvalues from their places, in spacings"),
            &format!("{:.2}, {:.2}", far[0], far[1]),
        );
        assert!(far.iter().all(|far| *far < farthest(n)), "{name}: {far:?}");
    }
}

#[test]
fn spectra_are_those_of_random_matrices() {
    check(1024);
}

#[test]
#[ignore = "minutes; scripts/check/statistics runs it"]
fn long_spectra() {
    check(4096);
}

/// Faults that no test of single elements sees.
#[test]
fn spectra_show_dependence() {
    let n = 512;
    let a = matrix(&Law::normal(0.0, 1.0), n);
    let own = judged(&scores(&of_squares(&a), SQUARES));
    own.into_iter().for_each(|p| passes("normal 512²: Marchenko–Pastur", p));
    // Eight rows that others repeat; a fifth of a column in the next one; a symmetric matrix; a mean of a tenth.
    let copied = Mat::from_fn(n, n, |r, c| a[(if r < 8 { r + 8 } else { r }, c)]);
    let smeared = Mat::from_fn(n, n, |r, c| (a[(r, c)] + 0.2 * a[(r, (c + 1) % n)]) / 1.04f64.sqrt());
    let symmetric = Mat::from_fn(n, n, |r, c| a[(r.min(c), r.max(c))]);
    let moved = Mat::from_fn(n, n, |r, c| a[(r, c)] + 0.1);
    for (what, faulty) in [("copied", &copied), ("smeared", &smeared), ("moved", &moved)] {
        fails(what, judged(&scores(&of_squares(faulty), SQUARES))[1]);
    }
    for (what, faulty) in [("symmetric", &symmetric), ("moved", &moved)] {
        fails(what, judged(&scores(&of_symmetrized(faulty), SYMMETRIZED))[1]);
    }
    let far = distance(of_symmetrized(&symmetric), semicircle);
    assert!(far > farthest(n), "{far}");
}
