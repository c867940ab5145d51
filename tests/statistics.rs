//! The reference follows its laws: moments, the Kolmogorov–Smirnov distance to the exact distribution, and symmetry.
//!
//! Seeds are fixed, so that nothing here is flaky. Policy: a law passes if its KS statistic is below the value that a
//! true law exceeds once in 1000 times, and its mean and variance are within 5 standard errors.

use std::f64::consts::SQRT_2;

use weightinit::{DType, Fill, Initializer, Law, Layout, cpu};

const N: u64 = 1 << 20;

fn sorted(law: &Law, seed: u64) -> Vec<f64> {
    let fill = Fill::new(0, law.clone(), DType::F32, N).unwrap().with_seed(seed).with_stream("statistics");
    let mut values = cpu::values(&fill).unwrap();
    values.sort_by(f64::total_cmp);
    values
}

/// The largest distance between the empirical and the exact distribution function, times √n.
fn kolmogorov_smirnov(sorted: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let n = sorted.len() as f64;
    let distances = (0..).zip(sorted).map(|(i, &x)| {
        let p = cdf(x);
        (p - f64::from(i) / n).max(f64::from(i + 1) / n - p)
    });
    distances.fold(0.0, f64::max) * n.sqrt()
}

fn check(law: &Law, cdf: impl Fn(f64) -> f64) {
    for seed in 1..4 {
        let values = sorted(law, seed);
        let statistic = kolmogorov_smirnov(&values, &cdf);
        assert!(statistic < 1.95, "{law:?}, seed {seed}: KS {statistic}");
        let mean = values.iter().sum::<f64>() / N as f64;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / N as f64;
        let (of_mean, of_variance) = law.moments().deviation(mean, variance, N);
        assert!(of_mean < 5.0 && of_variance < 5.0, "{law:?}, seed {seed}: {of_mean} {of_variance}");
    }
}

fn phi(x: f64) -> f64 {
    libm::erfc(-x / SQRT_2) / 2.0
}

#[test]
fn uniform() {
    check(&Law::uniform(-0.3, 0.3), |x| (x + 0.3) / 0.6);
    check(&Law::uniform(2.0, 5.0), |x| (x - 2.0) / 3.0);
}

#[test]
fn normal() {
    check(&Law::normal(0.0, 1.0), phi);
    check(&Law::normal(-1.0, 0.02), |x| phi((x + 1.0) / 0.02));
}

#[test]
fn truncated_normal() {
    for (a, b) in [(-2.0, 2.0), (-1.0, 3.5), (0.5, 0.75), (2.0, f64::INFINITY)] {
        let law = Law::truncated_normal(0.0, 1.0, a, b).unwrap();
        check(&law, |x| (phi(x) - phi(a)) / (phi(b) - phi(a)));
    }
    // Far in the tail by upper tails, which keep their precision.
    let tail = |x: f64| libm::erfc(x / SQRT_2);
    let law = Law::truncated_normal(0.0, 1.0, 5.25, 9.0).unwrap();
    check(&law, |x| (tail(5.25) - tail(x)) / (tail(5.25) - tail(9.0)));
}

/// The variance that each name promises is what its samples have, to half a percent.
#[test]
fn initializers_have_their_variance() {
    let cases = [
        (Initializer::glorot_uniform(), 2.0 / 1536.0),
        (Initializer::glorot_normal(), 2.0 / 1536.0),
        (Initializer::he_uniform(), 2.0 / 512.0),
        (Initializer::he_normal(), 2.0 / 512.0),
        (Initializer::lecun_normal(), 1.0 / 512.0),
        (Initializer::xavier_normal(1.0), 2.0 / 1536.0),
    ];
    for (initializer, variance) in cases {
        let values =
            cpu::values(&initializer.request(0, &[1024, 512], Layout::Torch, DType::F32).unwrap().with_seed(1))
                .unwrap();
        let found = values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64;
        assert!((found / variance - 1.0).abs() < 0.005, "{initializer:?}: {found} {variance}");
    }
}

#[test]
fn symmetric_uniforms_are_open_and_never_zero() {
    for dtype in [DType::F32, DType::F16, DType::BF16] {
        let values = cpu::values(&Fill::new(0, Law::uniform(-1.0, 1.0), dtype, N).unwrap()).unwrap();
        assert!(values.iter().all(|&x| x.abs() < 1.0 && x != 0.0), "{dtype}");
    }
}

/// The upper bound is excluded after the rounding of every type, and both ends are reached as closely as they can be.
#[test]
fn half_open_uniforms_stay_below_their_bound() {
    for dtype in [DType::F32, DType::F16, DType::BF16] {
        let values = cpu::values(&Fill::new(0, Law::uniform(0.0, 1.0), dtype, N).unwrap()).unwrap();
        assert!(values.iter().all(|&x| (0.0..1.0).contains(&x)), "{dtype}");
        assert!(values.iter().any(|&x| x > 0.995) && values.iter().any(|&x| x < 0.005));
    }
}

/// Every type's elements are the f32 samples, rounded to nearest even or widened.
#[test]
fn every_type_holds_the_same_samples() {
    let fill = |dtype| Fill::new(0, Law::normal(0.0, 1.5), dtype, N).unwrap().with_seed(9);
    let samples = cpu::values(&fill(DType::F32)).unwrap();
    let check = |dtype: DType, round: &dyn Fn(f32) -> f64| {
        for (found, x) in cpu::values(&fill(dtype)).unwrap().iter().zip(&samples) {
            assert_eq!(*found, round(*x as f32), "{dtype} {x}");
        }
    };
    check(DType::F64, &f64::from);
    check(DType::BF16, &|x| half::bf16::from_f32(x).to_f64());
    check(DType::F16, &|x| half::f16::from_f32(x).to_f64());
    // Of 8 bits: no other value of the type is nearer.
    for dtype in [DType::F8E4M3, DType::F8E5M2] {
        let values: Vec<_> = (0..256).map(|bits| dtype.value(bits)).filter(|value| value.is_finite()).collect();
        for (found, x) in cpu::values(&fill(dtype)).unwrap().iter().zip(&samples).take(5000) {
            let nearest = values.iter().map(|value| (value - x).abs()).fold(f64::INFINITY, f64::min);
            assert_eq!((found - x).abs(), nearest, "{dtype} {x}");
        }
    }
}

/// Constants of 64 bits are not rounded to 32.
#[test]
fn wide_constants_are_exact() {
    let fill = Fill::new(0, Law::Constant(0.1), DType::F64, 3).unwrap();
    assert_eq!(cpu::values(&fill).unwrap(), [0.1; 3]);
}

/// Types of 8 bits saturate where a law's tail is beyond them.
#[test]
fn eight_bits_saturate() {
    let values = cpu::values(&Fill::new(0, Law::normal(0.0, 300.0), DType::F8E4M3, N).unwrap()).unwrap();
    assert!(values.iter().all(|x| x.abs() <= 448.0) && values.contains(&448.0));
    assert!(Fill::new(0, Law::uniform(0.0, 500.0), DType::F8E4M3, 1).is_err());
}
