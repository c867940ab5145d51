//! Every tabulated law: its table against scipy's quantiles, 2^24 samples against the exact distribution, moments,
//! bounds.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use safetensors::SafeTensors;
use weightinit::error::LawError;
use weightinit::init::{Arguments, Value, by_name};
use weightinit::law::QuantileTable;
use weightinit::{DType, Error, Fill, Initializer, Law, cpu};

/// The law that `name(a,b,…)` stands for, its parameters in the registry's order.
fn law(call: &str) -> Law {
    let (name, arguments) = call.strip_suffix(')').unwrap().split_once('(').unwrap();
    let entry = by_name(name).unwrap();
    let values = entry.parameters.iter().zip(arguments.split(','));
    let arguments: Arguments = values.map(|(p, value)| (p.name.to_owned(), Value::parse(value))).collect();
    match entry.initializer(&arguments).unwrap() {
        Initializer::Law(law) => law,
        other => panic!("{other:?} is no law"),
    }
}

fn table(law: &Law) -> &QuantileTable {
    let Law::Tabulated { table, .. } = law else { panic!("a tabulated law") };
    table
}

/// The table's value of a word's probability, in f64.
fn at(law: &Law, word: u32) -> f64 {
    let Law::Tabulated { table, mean, std, .. } = law else { panic!("a tabulated law") };
    mean + std * table.at(word)
}

/// 10^5 points of 14 laws, every octave of both tails: within 2^-21 of the larger of |x| and the interquartile range.
#[test]
fn tables_agree_with_scipy() {
    let file = include_bytes!("data/quantiles.safetensors");
    let tensors = SafeTensors::deserialize(file).unwrap();
    let mut points = 0;
    for (name, words) in tensors.tensors() {
        let Some(call) = name.strip_suffix(".word") else { continue };
        let law = law(call);
        let quantiles = tensors.tensor(&format!("{call}.quantile")).unwrap();
        let words = words.data().chunks_exact(4).map(|w| u32::from_le_bytes(w.try_into().unwrap()));
        let quantiles = quantiles.data().chunks_exact(8).map(|q| f64::from_le_bytes(q.try_into().unwrap()));
        let spread = at(&law, 0xC000_0000) - at(&law, 0x4000_0000);
        for (word, exact) in words.zip(quantiles) {
            let miss = (at(&law, word) - exact).abs() / exact.abs().max(spread);
            assert!(miss <= 1.2 / f64::from(1 << 21), "{call}, word {word:#x}: {exact} is off by {miss:e}");
            points += 1;
        }
    }
    assert_eq!(points, 14 * 64 * 128);
}

/// The Kolmogorov–Smirnov statistic of 2^24 samples, times √n, by 2^16 bins of the distribution function (which moves
/// it by less than 0.07).
fn kolmogorov_smirnov(law: &Law, cdf: impl Fn(f64) -> f64) -> f64 {
    const BINS: usize = 1 << 16;
    const N: u64 = 1 << 24;
    let fill = Fill::new(0, law.clone(), DType::F32, N).unwrap().with_seed(2026).with_stream("laws");
    let (mut counts, mut sum, mut squares) = (vec![0u64; BINS], 0.0, 0.0);
    let moments = law.moments();
    for start in (0..N).step_by(1 << 20) {
        for x in cpu::values(&fill.range(start..start + (1 << 20)).unwrap()).unwrap() {
            counts[((cdf(x) * BINS as f64) as usize).min(BINS - 1)] += 1;
            sum += x - moments.mean;
            squares += (x - moments.mean).powi(2);
        }
    }
    let mean = sum / N as f64;
    let (of_mean, of_variance) = moments.deviation(moments.mean + mean, squares / N as f64 - mean * mean, N);
    assert!(of_mean < 5.0 && of_variance < 5.0, "{law:?}: moments are {of_mean} and {of_variance} errors off");
    let mut below = 0;
    let distances = counts.iter().enumerate().map(|(bin, count)| {
        below += count;
        (below as f64 / N as f64 - (bin + 1) as f64 / BINS as f64).abs()
    });
    distances.fold(0.0, f64::max) * (N as f64).sqrt()
}

/// A true law exceeds 1.95 once in 1000 times; the seed is fixed.
fn follows(call: &str, cdf: impl Fn(f64) -> f64) {
    let statistic = kolmogorov_smirnov(&law(call), cdf);
    assert!(statistic < 1.95, "{call}: {statistic}");
}

fn phi(x: f64) -> f64 {
    libm::erfc(-x * FRAC_1_SQRT_2) / 2.0
}

#[test]
fn samples_follow_symmetric_laws() {
    follows("laplace(0.5,2)", |x| {
        let z = (x - 0.5) / 2.0;
        if z < 0.0 { z.exp() / 2.0 } else { 1.0 - (-z).exp() / 2.0 }
    });
    follows("logistic(-1,0.25)", |x| 1.0 / (1.0 + (-(x + 1.0) / 0.25).exp()));
    follows("cauchy(0,0.1,0.001)", |x| ((x / 0.1).atan() / PI + 0.5 - 0.001) / 0.998);
    follows("arcsine(-1,3)", |x| 0.5 + ((x - 1.0) / 2.0).asin() / PI);
    follows("truncated_normal(0,1,-2,2)", |x| (phi(x) - phi(-2.0)) / (phi(2.0) - phi(-2.0)));
}

#[test]
fn samples_follow_skewed_laws() {
    follows("gumbel(1,0.5)", |x| (-(-(x - 1.0) / 0.5).exp()).exp());
    follows("exponential(3)", |x| -(-3.0 * x).exp_m1());
    follows("log_uniform(0.001,0.1)", |x| (x / 0.001).ln() / 100f64.ln());
    follows("log_normal(-1,0.5)", |x| phi((x.ln() + 1.0) / 0.5));
    follows("triangular(-1,3,0)", |x| if x < 0.0 { (x + 1.0).powi(2) / 4.0 } else { 1.0 - (3.0 - x).powi(2) / 12.0 });
    follows("beta(2,3)", |x| x * x * (6.0 - 8.0 * x + 3.0 * x * x));
    follows("truncated_normal(0,1,6,7)", |x| {
        let tail = |x: f64| libm::erfc(x * FRAC_1_SQRT_2);
        (tail(6.0) - tail(x)) / (tail(6.0) - tail(7.0))
    });
}

/// XXH64 of tables that take the longest to build.
#[test]
fn tables_that_take_long_are_pinned() {
    let pinned = [
        ("log_normal(0,1)", 4, 0x659292c19a4ec9dd),
        ("log_normal(0,3)", 5, 0xdfdd447531cf9577),
        ("log_normal(0,12)", 6, 0x583318292916f31d),
        ("truncated_normal(0,1,-6,6)", 6, 0xe2753995e16cb332),
        ("truncated_normal(0,1,0,inf)", 3, 0xd6bdcac50f13c434),
        ("truncated_normal(0,1,-9,-5)", 3, 0x890b759ef988d82c),
        ("truncated_normal(0,1,500,501)", 3, 0x4bb328eee1e5f03f),
        ("truncated_normal(0,1,3,3.001)", 3, 0x37c243b14e76263e),
        ("beta(0.5,1000)", 4, 0x425dbcc4a0d776f1),
        ("beta(0.06,0.02)", 6, 0x4ffa411c6f9bf2fd),
        ("beta(0.06,10)", 6, 0xb35a4dc7886b70c1),
        ("beta(1.1,0.01)", 4, 0x17f3d5660ed71823),
        ("beta(50,50)", 3, 0x2961f3f16c9c939f),
        ("beta(2,40000)", 3, 0xa132e55b8be10a4d),
        ("beta(300000,20)", 3, 0x8cee9b3f48bac826),
        ("beta(100000,100000)", 3, 0xad395e4474d60e1a),
        ("beta(3,1e-200)", 3, 0x8df2a086b205c67e),
    ];
    for (call, segment_bits, digest) in pinned {
        let law = law(call);
        let found = twox_hash::XxHash64::oneshot(0, &table(&law).to_le_bytes());
        assert_eq!((table(&law).segment_bits(), found), (segment_bits, digest), "{call}: {found:#018x}");
    }
}

#[test]
fn smooth_laws_need_no_more_than_8_kib() {
    for call in ["laplace(0,1)", "gumbel(0,1)", "beta(2,3)", "log_normal(0,0.5)"] {
        assert_eq!(table(&law(call)).segment_bits(), 3, "{call}");
    }
    // A kink inside a segment takes finer ones.
    assert!(table(&law("triangular(0,1,0.3)")).segment_bits() > 3);
}

/// No type leaves a law's bounds.
#[test]
fn bounded_laws_stay_inside() {
    let bounds = [
        ("log_uniform(0.001,0.1)", 0.001, 0.1),
        ("triangular(-1,3,0)", -1.0, 3.0),
        ("arcsine(0,1)", 0.0, 1.0),
        ("beta(0.5,1.5)", 0.0, 1.0),
        ("truncated_normal(0,1,6,7)", 6.0, 7.0),
    ];
    for (call, low, high) in bounds {
        for dtype in [DType::F32, DType::F16, DType::BF16] {
            let values = cpu::values(&Fill::new(0, law(call), dtype, 1 << 20).unwrap()).unwrap();
            assert!(values.iter().all(|x| (low..=high).contains(x)), "{call} {dtype}");
        }
    }
}

#[test]
fn wrong_parameters_are_refused() {
    assert!(matches!(Law::exponential(0.0), Err(Error::Law(LawError::NotPositive { name: "rate", .. }))));
    assert!(matches!(Law::laplace(0.0, -1.0), Err(Error::Law(LawError::NotPositive { name: "scale", .. }))));
    assert!(matches!(Law::log_uniform(0.0, 1.0), Err(Error::Law(LawError::NotPositive { name: "low", .. }))));
    assert!(matches!(Law::log_uniform(2.0, 1.0), Err(Error::Law(LawError::InvalidBounds { .. }))));
    assert!(matches!(Law::triangular(0.0, 1.0, 2.0), Err(Error::Law(LawError::OutOfRange { name: "mode", .. }))));
    assert!(matches!(Law::beta(f64::NAN, 1.0), Err(Error::Law(LawError::NotPositive { name: "alpha", .. }))));
    assert!(matches!(Law::gumbel(f64::INFINITY, 1.0), Err(Error::Law(LawError::NotFinite { name: "loc", .. }))));
    assert!(matches!(Law::from_quantile(|u| -u), Err(Error::Law(LawError::NotTabulable { .. }))));
    assert!(matches!(
        Law::from_quantile(|u| if u < 0.3 { 0.0 } else { 1.0 + u }),
        Err(Error::Law(LawError::NotTabulable { .. }))
    ));
    assert!(matches!(Law::laplace(2.0, 0.0), Err(Error::Law(LawError::NotPositive { name: "scale", .. }))));
}
