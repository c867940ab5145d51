//! Samples that are almost 0 are right relative to their size, down to the smallest normal number, or refused.

use safetensors::SafeTensors;
use weightinit::arithmetic::law::quantile;
use weightinit::init::{Arguments, Value, by_name};
use weightinit::law::{Rows, Sampler, Table};
use weightinit::{DType, Fill, Initializer, Law, Result, cpu};

/// The law that `name(a,b,…)` stands for, its parameters in the registry's order.
fn law(call: &str) -> Result<Law> {
    let (name, arguments) = call.strip_suffix(')').unwrap().split_once('(').unwrap();
    let entry = by_name(name).unwrap();
    let values = entry.parameters.iter().zip(arguments.split(','));
    let arguments: Arguments = values.map(|(p, value)| (p.name.to_owned(), Value::parse(value))).collect();
    match entry.initializer(&arguments)? {
        Initializer::Law(law) => Ok(law),
        other => panic!("{other:?} is no law"),
    }
}

fn fill(call: &str, dtype: DType, len: u64) -> Result<Fill> {
    Fill::new("w", law(call)?, dtype, len)
}

/// The f32 sample of a word.
fn sample(sampler: &Sampler, word: u32) -> f64 {
    let Some(Table::Quantile(table)) = &sampler.table else { panic!("a tabulated law") };
    let (low, high) = sampler.bounds.unwrap();
    let Rows::Cubics(rows) = table.rows() else { panic!("cubics") };
    let x = sampler.scale * quantile::quantile(rows, table.segment_bits(), word);
    f64::from(if sampler.centre == 0.0 { x } else { x + sampler.centre }.max(low).min(high))
}

/// The probability of a word from its nearer end.
fn probability(word: u32) -> f64 {
    let upper = (word.cast_signed() >> 31).cast_unsigned();
    (f64::from(word ^ upper) + 0.5) / f64::from(1u32 << 16).powi(2)
}

/// Laws of the file that no table holds.
const REFUSED: [&str; 4] = [
    "inverse_softplus_log_uniform(1000.0,1e+30)",
    "inverse_softplus_log_uniform(1e-10,1e+30)",
    "inverse_softplus_log_uniform(1e-16,1e+16)",
    "inverse_softplus_log_uniform(1e-20,1e+20)",
];

/// Most that a sample may be off by, relative to its size: 16/2^21, and its rounding.
const RELATIVE: f64 = 16.5 / (1 << 21) as f64;
/// Samples less likely than this may be off by more, where the table is not of a law that is almost 0 often.
const SELDOM: f64 = 1.0 / (1 << 20) as f64;

/// Scipy's quantiles of ten laws with ten or twenty parameters each, in every octave of both tails.
#[test]
fn samples_are_right_relative_to_their_size() {
    let file = include_bytes!("data/hostile_quantiles.safetensors");
    let tensors = SafeTensors::deserialize(file).unwrap();
    let (mut laws, mut points, mut refused) = (0, 0, Vec::new());
    for (name, words) in tensors.tensors() {
        let Some(call) = name.strip_suffix(".word") else { continue };
        laws += 1;
        let Ok(fill) = fill(call, DType::F32, 1) else {
            refused.push(call.to_owned());
            continue;
        };
        let quantiles = tensors.tensor(&format!("{call}.quantile")).unwrap();
        let words = words.data().chunks_exact(4).map(|w| u32::from_le_bytes(w.try_into().unwrap()));
        let quantiles = quantiles.data().chunks_exact(8).map(|q| f64::from_le_bytes(q.try_into().unwrap()));
        let [lower, upper] = [1 << 30, 3 << 30].map(|word| sample(fill.sampler(), word));
        for (word, exact) in words.zip(quantiles) {
            let found = sample(fill.sampler(), word);
            // SciPy adds −1 to what is almost 1.
            let exact = if call == "arcsine(-1,0)" && word >> 31 == 1 {
                -(std::f64::consts::FRAC_PI_2 * probability(word)).sin().powi(2)
            } else {
                exact
            };
            // Its samples are what is added to the middle of its bounds, also where they are almost 0, unless one is 0.
            let is_centred = call.starts_with("arcsine") && !call.contains("(0,") && !call.ends_with(",0)");
            let size = if is_centred { exact.abs().max(upper - lower) } else { exact.abs() };
            let is_least = exact.abs() < f32::MIN_POSITIVE.into() && found.abs() <= f32::MIN_POSITIVE.into();
            let miss = (found - exact).abs() / size;
            assert!(
                is_least || miss <= RELATIVE || probability(word) < SELDOM,
                "{call}, word {word:#x}: {exact:e} is off by {miss:e}"
            );
            points += 1;
        }
    }
    refused.sort();
    assert_eq!((laws, refused.as_slice()), (190, REFUSED.map(str::to_owned).as_slice()));
    assert_eq!(points, (190 - REFUSED.len()) * 64);
}

/// Those that are almost 0 often, also where samples are one in thousands of millions.
#[test]
fn the_smallest_samples_are_right() {
    for (call, exponent) in [("beta(0.1,1)", 10.0), ("beta(0.05,1)", 20.0), ("beta(0.2,1)", 5.0), ("beta(0.5,1)", 2.0)]
    {
        let fill = fill(call, DType::F32, 1).unwrap();
        for word in (0..31).flat_map(|octave| [1u32 << octave, (1 << octave) | ((1 << octave) / 3)]) {
            let exact = probability(word).powf(exponent).max(f32::MIN_POSITIVE.into());
            let found = sample(fill.sampler(), word);
            assert!((found - exact).abs() <= RELATIVE * exact, "{call}, word {word:#x}: {exact:e}, not {found:e}");
        }
    }
}

/// The largest share of samples that are one number, and that number.
fn most_frequent(call: &str) -> (f64, f64) {
    let mut values = cpu::values(&fill(call, DType::F32, 1 << 20).unwrap()).unwrap();
    values.sort_by(f64::total_cmp);
    let runs = values.chunk_by(|a, b| a == b).map(|run| (run.len() as f64 / values.len() as f64, run[0]));
    runs.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

#[test]
fn no_number_is_frequent_but_the_smallest() {
    for call in ["log_uniform(1e-16,1)", "log_uniform(1e-20,1)", "log_uniform(1e-37,1)", "log_normal(0,12)"] {
        let (share, value) = most_frequent(call);
        assert!(share < 1e-5, "{call}: {share} are {value:e}");
    }
    for (call, alpha) in [("beta(0.1,1)", 0.1), ("beta(0.05,1)", 0.05)] {
        let (share, value) = most_frequent(call);
        let wanted = f64::from(f32::MIN_POSITIVE).powf(alpha);
        assert_eq!(value, f64::from(f32::MIN_POSITIVE), "{call}");
        assert!((share - wanted).abs() < 5.0 * (wanted / f64::from(1 << 20)).sqrt(), "{call}: {share}, not {wanted}");
    }
}

/// What would be wrong is refused, and the message says what would not be.
#[test]
fn what_would_be_wrong_is_refused() {
    let refused = |call: &str, dtype| fill(call, dtype, 1).unwrap_err().to_string();
    assert_eq!(
        refused("log_uniform(1e-16,1)", DType::F16),
        "more than 1 in 64 samples of log-uniform over 1e16 are nearer to 0 than 5.960464477539063e-8, the least that \
         f16 samples can be, and would be off by all of their size; take a lower bound of at least \
         5.960464477539063e-8, or parameters that are less extreme, or take dtype f32, which has smaller ones"
    );
    assert!(refused("log_uniform(1e-40,1)", DType::F32).ends_with(
        "nearer to 0 than 1.1754943508222875e-38, the least that f32 samples can be, and would be off by all of their \
         size; take a lower bound of at least 1.1754943508222875e-38, or parameters that are less extreme"
    ));
    assert!(
        refused("log_uniform(1e-30,1e30)", DType::F32)
            .ends_with("small samples would be off by a share of their size; take bounds that are at most 1e43 apart")
    );
    assert!(refused("beta(0.04,1)", DType::F32).contains("more than 1 in 64 samples of Beta(0.04, 1) are nearer to 0"));
    assert_eq!(
        refused("beta(0.02,1)", DType::F32),
        "the law Beta(0.02, 1) cannot be tabulated: many of its samples are almost 0, and the cubics are off by 1.4e-4 \
         of them, more than 7.6e-6; take an alpha of at least 0.1"
    );
    assert!(refused("log_normal(0,14)", DType::F32).ends_with("take a sigma of at most 12"));
    assert!(
        refused("beta(0.05,1)", DType::F64).starts_with(
            "more than 1 in 1024 samples of Beta(0.05, 1) would be 1.1754943508222875e-38, as f64 samples"
        )
    );
    // A law of one's own, of which the library knows nothing.
    let own = |low: f64| Law::from_quantile(move |u| (low.ln() * (1.0 - u)).exp());
    assert!(own(1e-30).is_ok());
    assert!(own(1e-60).unwrap_err().to_string().contains("many of its samples are almost 0"));
}
