//! Samples are independent: of their neighbours up to 1024 elements away, of the other of a pair, and of other streams
//! and seeds.
//!
//! `tests/p_values/mod.rs` states the policy.

mod p_values;

use std::f64::consts::TAU;

use p_values::{fails, of_chi_square, of_equal_cells, of_largest_z, passes};
use weightinit::{DType, Fill, Law, cpu};

const LAGS: usize = 1024;

fn laws() -> [(&'static str, Law); 3] {
    [
        ("uniform", Law::uniform(-1.0, 1.0)),
        ("normal", Law::normal(0.0, 1.0)),
        ("normal truncated at 2 σ", Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap()),
    ]
}

fn samples(law: &Law, n: u64, seed: u64, stream: u64) -> Vec<f64> {
    cpu::values(&Fill::new(0, law.clone(), DType::F32, n).unwrap().with_seed(seed).with_stream(stream)).unwrap()
}

/// Values around their mean, in units of their standard deviation.
fn standardized(mut values: Vec<f64>) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let std = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    values.iter_mut().for_each(|x| *x = (*x - mean) / std);
    values
}

/// The correlations at lags 1 to 1024 as z-scores: √n times each is standard normal for independent samples (Bartlett
/// 1946).
fn lags(values: &[f64]) -> Vec<f64> {
    let n = values.len() - LAGS;
    let mut sums = vec![0.0; LAGS];
    for window in values.windows(LAGS + 1) {
        for (sum, x) in sums.iter_mut().zip(&window[1..]) {
            *sum += window[0] * x;
        }
    }
    sums.iter().map(|sum| sum / (n as f64).sqrt()).collect()
}

/// The p-values of the largest score, and of the sum of their squares (Box and Pierce 1970).
fn of_scores(scores: &[f64]) -> [f64; 2] {
    let largest = scores.iter().fold(0f64, |most, z| most.max(z.abs()));
    [of_largest_z(largest, scores.len()), of_chi_square(scores.iter().map(|z| z * z).sum(), scores.len())]
}

#[test]
fn elements_are_not_correlated_with_those_before() {
    const N: u64 = 1 << 20;
    for (name, law) in laws() {
        let values = samples(&law, N, 11, 5);
        let magnitudes: Vec<_> = values.iter().map(|x| x * x).collect();
        for (what, values) in [("values", values), ("squares", magnitudes)] {
            let [largest, squares] = of_scores(&lags(&standardized(values)));
            passes(&format!("{name}: largest of 1024 lag correlations of {what}"), largest);
            passes(&format!("{name}: sum of squared lag correlations of {what}"), squares);
        }
    }
    // One hundredth of the sample 7 before; the size of the one 4 before, which squares show.
    let values = samples(&Law::normal(0.0, 1.0), N, 11, 5);
    let echo: Vec<_> = values.windows(8).map(|x| x[7] + 0.01 * x[0]).collect();
    fails("echo", of_scores(&lags(&standardized(echo)))[0]);
    let louder: Vec<_> = values.windows(5).map(|x| (x[4] * (1.0 + 0.02 * x[0] * x[0])).powi(2)).collect();
    fails("louder", of_scores(&lags(&standardized(louder)))[0]);
}

/// Correlation of the same elements, as a z-score.
fn crossed(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / (a.len() as f64).sqrt()
}

/// Streams and seeds that differ in one bit, or are neighbours.
#[test]
fn streams_and_seeds_are_not_correlated() {
    const N: u64 = 1 << 18;
    for (name, law) in laws() {
        let of = |seed, stream| standardized(samples(&law, N, seed, stream));
        let own = of(11, 5);
        let bits = (0..64).map(|bit| 1u64 << bit);
        let scores: Vec<_> =
            bits.flat_map(|bit| [of(11 ^ bit, 5), of(11, 5 ^ bit)]).map(|other| crossed(&own, &other)).collect();
        let [largest, squares] = of_scores(&scores);
        passes(&format!("{name}: largest correlation with 128 streams and seeds one bit away"), largest);
        passes(&format!("{name}: sum of squared correlations with them"), squares);
        let leak: Vec<_> = of(12, 5).iter().zip(&own).map(|(a, b)| a + 0.02 * b).collect();
        fails("leak", of_largest_z(crossed(&own, &standardized(leak)).abs(), 128));
    }
}

/// Counts of points of the unit square in 64 × 64 cells.
fn grid(points: impl Iterator<Item = (f64, f64)>) -> Vec<u64> {
    const SIDE: usize = 64;
    let mut counts = vec![0; SIDE * SIDE];
    let cell = |u: f64| ((u * SIDE as f64) as usize).min(SIDE - 1);
    for (u, v) in points {
        counts[cell(u) * SIDE + cell(v)] += 1;
    }
    counts
}

#[test]
fn pairs_are_uniform_over_the_square() {
    for (name, law) in laws() {
        let u: Vec<_> = samples(&law, 1 << 22, 3, 9).into_iter().map(|x| law.cdf(x).unwrap()).collect();
        // A block has four lanes, so that pairs from 0 and 2 stay inside, and pairs from 1 and 3 cross.
        for (first, distance) in [(0, 1), (1, 1), (0, 2), (0, 4)] {
            let pairs = u[first..].chunks_exact(2 * distance).map(|pair| (pair[0], pair[distance]));
            passes(
                &format!("{name}: pairs from {first} at distance {distance} in 64 × 64 cells"),
                of_equal_cells(&grid(pairs)),
            );
        }
        // Now and then the greater one comes second.
        let pairs = u.chunks_exact(2).enumerate();
        let ordered = pairs.map(|(i, pair)| match i % 20 {
            0 => (pair[0].min(pair[1]), pair[0].max(pair[1])),
            _ => (pair[0], pair[1]),
        });
        fails("some ordered", of_equal_cells(&grid(ordered)));
    }
}

/// Of Box and Muller's pairs, exp(−r²/2) and the angle are the two uniform numbers that they are made from.
#[test]
fn radius_and_angle_of_normal_pairs_are_uniform() {
    let z = samples(&Law::normal(0.0, 1.0), 1 << 23, 3, 9);
    let polar = |x: f64, y: f64| ((-(x * x + y * y) / 2.0).exp(), (y.atan2(x) / TAU + 1.0) % 1.0);
    let cells = |change: &dyn Fn(f64, f64) -> (f64, f64), first: usize| {
        let points = z[first..].chunks_exact(2).map(|pair| change(pair[0], pair[1]));
        of_equal_cells(&grid(points.map(|(x, y)| polar(x, y))))
    };
    passes("normal: radius and angle of pairs in 64 × 64 cells", cells(&|x, y| (x, y), 0));
    passes("normal: radius and angle across pairs in 64 × 64 cells", cells(&|x, y| (x, y), 1));
    // An ellipse, and a transform whose angles are a little too many in one direction.
    fails("ellipse", cells(&|x, y| (x, 1.02 * y), 0));
    fails("bent", cells(&|x, y| (x + 0.01 * y * y, y), 0));
}
