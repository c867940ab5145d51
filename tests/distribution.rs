//! Samples follow their laws: Anderson–Darling, χ² over 1000 equiprobable bins, moments to order 8, counts far in the
//! tails.
//!
//! `tests/p_values/mod.rs` states the policy. `scripts/check/statistics` runs the long ones.

mod p_values;

use std::ops::AddAssign;

use p_values::{
    anderson_darling, below_chi_square, fails, of_anderson_darling, of_chi_square, of_equal_cells, of_kolmogorov,
    of_poisson, of_z, passes,
};
use rayon::prelude::*;
use weightinit::{DType, Fill, Law, cpu};

/// Elements that one task makes.
const CHUNK: u64 = 1 << 18;

fn laws() -> [(&'static str, Law); 6] {
    [
        ("uniform(-1, 1)", Law::uniform(-1.0, 1.0)),
        ("uniform(2, 5)", Law::uniform(2.0, 5.0)),
        ("normal(0, 1)", Law::normal(0.0, 1.0)),
        ("normal(-1, 0.02)", Law::normal(-1.0, 0.02)),
        ("normal truncated at 2 σ", Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap()),
        ("logistic(0, 1)", Law::logistic(0.0, 1.0).unwrap()),
    ]
}

fn fill(law: &Law, n: u64) -> Fill {
    Fill::new(0, law.clone(), DType::F32, n).unwrap().with_seed(2027).with_stream("distribution")
}

/// The sums of what `of_chunk` makes of each chunk of the samples, on all cores.
fn sums<T: AddAssign + Copy + Send>(fill: &Fill, of_chunk: impl Fn(Vec<f64>) -> Vec<T> + Sync) -> Vec<T> {
    let n = fill.element_count();
    let chunk = |i: u64| of_chunk(cpu::values(&fill.range(i * CHUNK..((i + 1) * CHUNK).min(n)).unwrap()).unwrap());
    let add = |mut a: Vec<T>, b: Vec<T>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    (0..n.div_ceil(CHUNK)).into_par_iter().map(chunk).reduce_with(add).unwrap()
}

/// Sums of the powers 1 to 8 of `change(z)`, z being standardized by the law, as z-scores.
fn moments(law: &Law, n: u64, change: impl Fn(f64) -> f64 + Sync) -> Vec<f64> {
    let (mean, std) = (law.moments().mean, law.moments().variance.sqrt());
    let powers = |values: Vec<f64>| {
        let mut sums = vec![0.0; 8];
        for x in values {
            let z = change((x - mean) / std);
            let mut power = 1.0;
            for sum in &mut sums {
                power *= z;
                *sum += power;
            }
        }
        sums
    };
    let sums = sums(&fill(law, n), powers);
    let moment = |order: u32| law.central_moment(order).unwrap() / std.powi(order as i32);
    let score = |(order, sum): (u32, &f64)| {
        let error = ((moment(2 * order) - moment(order).powi(2)) / n as f64).sqrt();
        (sum / n as f64 - moment(order)) / error
    };
    (1..).zip(&sums).map(score).collect()
}

#[test]
fn moments_to_order_8() {
    for (name, law) in laws() {
        for (order, z) in (1..).zip(moments(&law, 1 << 24, |z| z)) {
            passes(&format!("{name}: moment {order} of 2^24"), of_z(z));
        }
    }
    // A normal scaled by 1.001, one moved by 0.002, one bent, and one clipped at 4 σ.
    let normal = Law::normal(0.0, 1.0);
    fails("scaled", of_z(moments(&normal, 1 << 24, |z| 1.001 * z)[1]));
    fails("moved", of_z(moments(&normal, 1 << 24, |z| z + 0.002)[0]));
    fails("skewed", of_z(moments(&normal, 1 << 24, |z| z + 0.003 * (z * z - 1.0))[2]));
    fails("clipped", of_z(moments(&normal, 1 << 24, |z| z.clamp(-4.0, 4.0))[7]));
}

/// Counts in 1000 bins of equal probability.
fn bins(law: &Law, n: u64, change: impl Fn(f64) -> f64 + Sync) -> Vec<u64> {
    const BINS: usize = 1000;
    let count = |values: Vec<f64>| {
        let mut counts = vec![0; BINS];
        for x in values {
            counts[((cdf(law, change(x)) * BINS as f64) as usize).min(BINS - 1)] += 1;
        }
        counts
    };
    sums(&fill(law, n), count)
}

/// The exact distribution functions, apart from the library's own tables.
fn cdf(law: &Law, x: f64) -> f64 {
    let phi = |x: f64| p_values::normal_tail(-x);
    match law {
        Law::Tabulated { table, .. } if table.name() == "logistic" => 1.0 / (1.0 + (-x).exp()),
        Law::Tabulated { .. } => (phi(x) - phi(-2.0)) / (phi(2.0) - phi(-2.0)),
        law => law.cdf(x).unwrap(),
    }
}

#[test]
fn a_thousand_equiprobable_bins() {
    for (name, law) in laws() {
        passes(&format!("{name}: χ² of 2^23 in 1000 bins"), of_equal_cells(&bins(&law, 1 << 23, |x| x)));
    }
    let normal = Law::normal(0.0, 1.0);
    fails("scaled", of_equal_cells(&bins(&normal, 1 << 23, |x| 1.005 * x)));
    fails("holes", of_equal_cells(&bins(&normal, 1 << 23, |x| (x * 256.0).round() / 256.0)));
    let truncated = Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap();
    fails("clipped instead of truncated", of_equal_cells(&bins(&truncated, 1 << 23, |x| (x / 0.88).clamp(-2.0, 2.0))));
}

/// The Anderson–Darling test weighs the tails.
#[test]
fn anderson_and_darling() {
    let statistic = |law: &Law, change: &dyn Fn(f64) -> f64| {
        let mut u: Vec<_> =
            cpu::values(&fill(law, 1 << 20)).unwrap().into_iter().map(|x| cdf(law, change(x))).collect();
        u.sort_by(f64::total_cmp);
        of_anderson_darling(anderson_darling(&u))
    };
    for (name, law) in laws() {
        passes(&format!("{name}: Anderson–Darling of 2^20"), statistic(&law, &|x| x));
    }
    let normal = Law::normal(0.0, 1.0);
    fails("moved", statistic(&normal, &|x| x + 0.006));
    fails("scaled", statistic(&normal, &|x| 1.01 * x));
}

/// Counts of samples below −4, −5, −6 and above 4, 5, 6 standard deviations.
fn tails(n: u64, change: impl Fn(f32) -> f32 + Sync) -> [[u64; 3]; 2] {
    let fill = fill(&Law::normal(0.0, 1.0), n);
    let count = |i: u64| {
        let piece = fill.range(i * CHUNK..(i + 1) * CHUNK).unwrap();
        let mut bytes = vec![0; piece.byte_count() as usize];
        cpu::write_serial(&piece, &mut bytes).unwrap();
        let mut counts = [[0; 3]; 2];
        for bytes in bytes.chunks_exact(4) {
            let x = change(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
            if x.abs() > 4.0 {
                for (count, sigmas) in counts[usize::from(x > 0.0)].iter_mut().zip([4.0, 5.0, 6.0]) {
                    *count += u64::from(x.abs() > sigmas);
                }
            }
        }
        counts
    };
    let add = |a: [[u64; 3]; 2], b: [[u64; 3]; 2]| [0, 1].map(|side| [0, 1, 2].map(|i| a[side][i] + b[side][i]));
    (0..n / CHUNK).into_par_iter().map(count).reduce(|| [[0; 3]; 2], add)
}

/// That no sample is beyond 6.66 σ takes 1 in 70 of those expected beyond 6 σ, less than 2^34 samples show.
fn check_tails(n: u64) {
    for (side, counts) in ["below −", "above "].iter().zip(tails(n, |x| x)) {
        for (sigmas, count) in [4.0, 5.0, 6.0].into_iter().zip(counts) {
            let expected = n as f64 * p_values::normal_tail(sigmas);
            let what = format!("normal: {count} of 2^{} {side}{sigmas} σ, expected {expected:.1}", n.ilog2());
            passes(&what, of_poisson(count, expected));
        }
    }
}

#[test]
fn tail_counts() {
    check_tails(1 << 26);
    let [[below, ..], [above, ..]] = tails(1 << 26, |x| 1.02 * x);
    let expected = |sigmas| (1u64 << 26) as f64 * p_values::normal_tail(sigmas);
    fails("scaled", of_poisson(below, expected(4.0)));
    fails("scaled", of_poisson(above, expected(4.0)));
    fails("clipped", of_poisson(tails(1 << 26, |x| x.clamp(-5.0, 5.0))[1][1], expected(5.0)));
}

#[test]
#[ignore = "minutes on all cores; scripts/check/statistics runs it"]
fn long_tail_counts() {
    check_tails(1 << 34);
}

#[test]
#[ignore = "minutes on all cores; scripts/check/statistics runs it"]
fn long_moments_and_bins() {
    // One of each kind: others are made of the same words, and 2^28 of them would show the steps of f32 numbers.
    for (name, law) in laws().into_iter().filter(|(name, _)| !["uniform(2, 5)", "normal(-1, 0.02)"].contains(name)) {
        for (order, z) in (1..).zip(moments(&law, 1 << 30, |z| z)) {
            passes(&format!("{name}: moment {order} of 2^30"), of_z(z));
        }
        passes(&format!("{name}: χ² of 2^28 in 1000 bins"), of_equal_cells(&bins(&law, 1 << 28, |x| x)));
    }
}

/// P-values against scipy 1.x (`chi2.sf`, `kstwobign.sf`, `poisson`) and published points of A².
#[test]
fn p_values_are_those_of_scipy() {
    let close =
        |found: f64, wanted: f64, error: f64| assert!((found - wanted).abs() <= error * wanted, "{found} {wanted}");
    close(of_chi_square(1000.0, 1000), 4.94052854e-01, 1e-8);
    close(of_chi_square(1100.0, 1000), 1.46144081e-02, 1e-7);
    close(of_chi_square(1300.0, 1000), 3.88973650e-10, 1e-7);
    close(of_chi_square(5.0, 3), 1.71797144e-01, 1e-8);
    close(below_chi_square(5.0, 3), 1.0 - 1.71797144e-01, 1e-8);
    for (x, p) in [(0.5, 9.63945244e-01), (1.0, 2.69999672e-01), (1.5, 2.22179626e-02), (2.5, 7.45330634e-06)] {
        close(of_kolmogorov(x), p, 1e-8);
    }
    close(of_poisson(30, 38.0), (1.08925649e-01 + (1.0 - 9.20360180e-01)) / 2.0, 1e-7);
    // Percentage points of Marsaglia and Marsaglia, and of Anderson and Darling.
    close(of_anderson_darling(1.933), 0.10, 0.01);
    close(of_anderson_darling(2.492), 0.05, 0.01);
    close(of_anderson_darling(3.878), 0.01, 0.01);
    close(of_anderson_darling(0.774), 0.5, 0.01);
}
