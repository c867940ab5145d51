//! The one table of names: initializers with their parameters, defaults, sources, and how to make each.

use crate::error::Result;
use crate::init::arguments::Given;
use crate::init::entry::Entry;
use crate::init::gain::Nonlinearity;
use crate::init::initializer::{Initializer, Matrix};
use crate::init::parameter::{Parameter, parameter};
use crate::init::scaling::Distribution;
use crate::law::{Law, Math};
use crate::name::UnknownName;

const NONE: &[Parameter] = &[];
const GAIN: &[Parameter] = &[parameter("gain", "1")];
const LOC_SCALE: &[Parameter] = &[parameter("loc", "0"), parameter("scale", "1")];
const KAIMING: &[Parameter] =
    &[parameter("a", "0"), parameter("mode", "fan_in"), parameter("nonlinearity", "leaky_relu")];

fn kaiming(given: &Given<'_>, distribution: Distribution) -> Result<Initializer> {
    let nonlinearity = Nonlinearity::parse(&given.text("nonlinearity")?, given.number("a")?)?;
    let mode = given.text("mode")?.parse()?;
    Ok(Initializer::gain_scaling(nonlinearity.gain(), mode, distribution))
}

const BASE: Parameter = parameter("base", "10000");
const OF: Parameter = parameter("of", "normal");

fn normal(mean: f64, std: f64, math: Math) -> Result<Initializer> {
    Ok(Law::Normal { mean, std, math }.into())
}

/// The initializer that parameter `of` names, with all arguments that are not this one's own.
fn nested(given: &Given<'_>) -> Result<Box<Initializer>> {
    Ok(Box::new(by_name(&given.text("of")?)?.initializer(&given.others())?))
}

/// The initializer called `name`.
///
/// # Errors
/// [`Error::UnknownName`](crate::Error::UnknownName).
///
/// ```
/// use weightinit::Initializer;
/// use weightinit::init::{Arguments, by_name};
///
/// let he = by_name("he_normal")?.initializer(&Arguments::new())?;
/// assert_eq!(he, Initializer::he_normal());
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn by_name(name: &str) -> Result<&'static Entry> {
    let known = REGISTRY.iter().find(|entry| entry.name == name);
    Ok(known.ok_or_else(|| UnknownName::new("initializer", name, REGISTRY.iter().map(|entry| entry.name)))?)
}

/// Every initializer, in the order in which errors and `--help` list them.
pub static REGISTRY: &[Entry] = &[
    Entry {
        name: "zeros",
        parameters: NONE,
        summary: "0 everywhere",
        source: "torch.nn.init.zeros_, keras Zeros, jax zeros",
        make: |_| Ok(Initializer::zeros()),
    },
    Entry {
        name: "ones",
        parameters: NONE,
        summary: "1 everywhere",
        source: "torch.nn.init.ones_, keras Ones, jax ones",
        make: |_| Ok(Initializer::ones()),
    },
    Entry {
        name: "constant",
        parameters: &[parameter("value", "")],
        summary: "value everywhere",
        source: "torch.nn.init.constant_, keras Constant, jax constant",
        make: |given| Ok(Law::Constant(given.number("value")?).into()),
    },
    Entry {
        name: "uniform",
        parameters: &[parameter("low", "0"), parameter("high", "1")],
        summary: "uniform on [low, high)",
        source: "torch.nn.init.uniform_ (a, b)",
        make: |given| Ok(Law::uniform(given.number("low")?, given.number("high")?).into()),
    },
    Entry {
        name: "normal",
        parameters: &[parameter("mean", "0"), parameter("std", "1")],
        summary: "normal",
        source: "torch.nn.init.normal_",
        make: |given| normal(given.number("mean")?, given.number("std")?, Math::Portable),
    },
    Entry {
        name: "normal_native",
        parameters: &[parameter("mean", "0"), parameter("std", "1")],
        summary: "normal by the device's own log, sin and cos: bits differ between devices",
        source: "torch.nn.init.normal_",
        make: |given| normal(given.number("mean")?, given.number("std")?, Math::Native),
    },
    Entry {
        name: "normal_quantile",
        parameters: &[parameter("mean", "0"), parameter("std", "1")],
        summary: "normal by its quantile function in whole numbers: fewer instructions, other bits than normal",
        source: "torch.nn.init.normal_",
        make: |given| Ok(Law::normal_quantile(given.number("mean")?, given.number("std")?)?.into()),
    },
    Entry {
        name: "truncated_normal",
        parameters: &[parameter("mean", "0"), parameter("std", "1"), parameter("lower", ""), parameter("upper", "")],
        summary: "normal conditioned on [lower, upper], by default mean ± 2 std; std is that before truncation",
        source: "torch.nn.init.trunc_normal_ (a, b), keras TruncatedNormal, jax truncated_normal",
        make: |given| {
            let (mean, std) = (given.number("mean")?, given.number("std")?);
            let lower = given.optional("lower")?.unwrap_or(mean - 2.0 * std);
            let upper = given.optional("upper")?.unwrap_or(mean + 2.0 * std);
            Ok(Law::truncated_normal(mean, std, lower, upper)?.into())
        },
    },
    Entry {
        name: "laplace",
        parameters: LOC_SCALE,
        summary: "Laplace",
        source: "torch.distributions.Laplace, jax.random.laplace",
        make: |given| Ok(Law::laplace(given.number("loc")?, given.number("scale")?)?.into()),
    },
    Entry {
        name: "logistic",
        parameters: LOC_SCALE,
        summary: "logistic",
        source: "jax.random.logistic",
        make: |given| Ok(Law::logistic(given.number("loc")?, given.number("scale")?)?.into()),
    },
    Entry {
        name: "gumbel",
        parameters: LOC_SCALE,
        summary: "Gumbel, of largest values",
        source: "torch.distributions.Gumbel, jax.random.gumbel",
        make: |given| Ok(Law::gumbel(given.number("loc")?, given.number("scale")?)?.into()),
    },
    Entry {
        name: "exponential",
        parameters: &[parameter("rate", "1")],
        summary: "exponential with mean 1/rate",
        source: "torch.Tensor.exponential_, jax.random.exponential",
        make: |given| Ok(Law::exponential(given.number("rate")?)?.into()),
    },
    Entry {
        name: "cauchy",
        parameters: &[parameter("loc", "0"), parameter("scale", "1"), parameter("clip", "0.001")],
        summary: "Cauchy between its quantiles clip and 1 - clip",
        source: "torch.Tensor.cauchy_, jax.random.cauchy",
        make: |given| Ok(Law::cauchy(given.number("loc")?, given.number("scale")?, given.number("clip")?)?.into()),
    },
    Entry {
        name: "log_uniform",
        parameters: &[parameter("low", ""), parameter("high", "")],
        summary: "its logarithm is uniform on [ln low, ln high]",
        source: "scipy.stats.loguniform",
        make: |given| Ok(Law::log_uniform(given.number("low")?, given.number("high")?)?.into()),
    },
    Entry {
        name: "log_of_uniform",
        parameters: &[parameter("low", ""), parameter("high", "")],
        summary: "the logarithm of what is uniform on [low, high]",
        source: "state-spaces/mamba mamba2.py (A_log)",
        make: |given| Ok(Law::log_of_uniform(given.number("low")?, given.number("high")?)?.into()),
    },
    Entry {
        name: "inverse_softplus_log_uniform",
        parameters: &[parameter("low", "0.001"), parameter("high", "0.1"), parameter("floor", "")],
        summary: "its softplus is log-uniform on [low, high], and floor where it is below that",
        source: "state-spaces/mamba mamba_simple.py (dt_proj.bias)",
        make: |given| {
            let (low, high) = (given.number("low")?, given.number("high")?);
            let floor = given.optional("floor")?.unwrap_or(low);
            Ok(Law::inverse_softplus_log_uniform_above(low, high, floor)?.into())
        },
    },
    Entry {
        name: "log_normal",
        parameters: &[parameter("mu", "0"), parameter("sigma", "1")],
        summary: "its logarithm is normal",
        source: "torch.Tensor.log_normal_, jax.random.lognormal",
        make: |given| Ok(Law::log_normal(given.number("mu")?, given.number("sigma")?)?.into()),
    },
    Entry {
        name: "triangular",
        parameters: &[parameter("low", "0"), parameter("high", "1"), parameter("mode", "")],
        summary: "triangular on [low, high], by default with its mode in the middle",
        source: "jax.random.triangular",
        make: |given| {
            let (low, high) = (given.number("low")?, given.number("high")?);
            let mode = given.optional("mode")?.unwrap_or(low / 2.0 + high / 2.0);
            Ok(Law::triangular(low, high, mode)?.into())
        },
    },
    Entry {
        name: "arcsine",
        parameters: &[parameter("low", "0"), parameter("high", "1")],
        summary: "arcsine on [low, high]",
        source: "scipy.stats.arcsine",
        make: |given| Ok(Law::arcsine(given.number("low")?, given.number("high")?)?.into()),
    },
    Entry {
        name: "beta",
        parameters: &[parameter("alpha", ""), parameter("beta", "")],
        summary: "Beta on [0, 1]",
        source: "torch.distributions.Beta, jax.random.beta",
        make: |given| Ok(Law::beta(given.number("alpha")?, given.number("beta")?)?.into()),
    },
    Entry {
        name: "random_uniform",
        parameters: &[parameter("minval", "-0.05"), parameter("maxval", "0.05")],
        summary: "uniform on [minval, maxval)",
        source: "keras RandomUniform",
        make: |given| Ok(Law::uniform(given.number("minval")?, given.number("maxval")?).into()),
    },
    Entry {
        name: "random_normal",
        parameters: &[parameter("mean", "0"), parameter("stddev", "0.05")],
        summary: "normal",
        source: "keras RandomNormal",
        make: |given| normal(given.number("mean")?, given.number("stddev")?, Math::Portable),
    },
    Entry {
        name: "glorot_uniform",
        parameters: NONE,
        summary: "uniform, variance 2/(fan_in + fan_out)",
        source: "keras GlorotUniform, jax glorot_uniform",
        make: |_| Ok(Initializer::glorot_uniform()),
    },
    Entry {
        name: "glorot_normal",
        parameters: NONE,
        summary: "normal truncated at 2 sigma, variance 2/(fan_in + fan_out)",
        source: "keras GlorotNormal, jax glorot_normal",
        make: |_| Ok(Initializer::glorot_normal()),
    },
    Entry {
        name: "he_uniform",
        parameters: NONE,
        summary: "uniform, variance 2/fan_in",
        source: "keras HeUniform, jax he_uniform",
        make: |_| Ok(Initializer::he_uniform()),
    },
    Entry {
        name: "he_normal",
        parameters: NONE,
        summary: "normal truncated at 2 sigma, variance 2/fan_in",
        source: "keras HeNormal, jax he_normal",
        make: |_| Ok(Initializer::he_normal()),
    },
    Entry {
        name: "lecun_uniform",
        parameters: NONE,
        summary: "uniform, variance 1/fan_in",
        source: "keras LecunUniform, jax lecun_uniform",
        make: |_| Ok(Initializer::lecun_uniform()),
    },
    Entry {
        name: "lecun_normal",
        parameters: NONE,
        summary: "normal truncated at 2 sigma, variance 1/fan_in",
        source: "keras LecunNormal, jax lecun_normal",
        make: |_| Ok(Initializer::lecun_normal()),
    },
    Entry {
        name: "variance_scaling",
        parameters: &[
            parameter("scale", "1"),
            parameter("mode", "fan_in"),
            parameter("distribution", "truncated_normal"),
        ],
        summary: "variance scale/fan",
        source: "keras VarianceScaling, jax variance_scaling",
        make: |given| {
            let (mode, distribution) = (given.text("mode")?.parse()?, given.text("distribution")?.parse()?);
            Ok(Initializer::variance_scaling(given.number("scale")?, mode, distribution))
        },
    },
    Entry {
        name: "xavier_uniform",
        parameters: GAIN,
        summary: "uniform, standard deviation gain*sqrt(2/(fan_in + fan_out))",
        source: "torch.nn.init.xavier_uniform_",
        make: |given| Ok(Initializer::xavier_uniform(given.number("gain")?)),
    },
    Entry {
        name: "xavier_normal",
        parameters: GAIN,
        summary: "normal, standard deviation gain*sqrt(2/(fan_in + fan_out))",
        source: "torch.nn.init.xavier_normal_",
        make: |given| Ok(Initializer::xavier_normal(given.number("gain")?)),
    },
    Entry {
        name: "kaiming_uniform",
        parameters: KAIMING,
        summary: "uniform, standard deviation gain/sqrt(fan)",
        source: "torch.nn.init.kaiming_uniform_",
        make: |given| kaiming(given, Distribution::Uniform),
    },
    Entry {
        name: "kaiming_normal",
        parameters: KAIMING,
        summary: "normal, standard deviation gain/sqrt(fan)",
        source: "torch.nn.init.kaiming_normal_",
        make: |given| kaiming(given, Distribution::Normal),
    },
    Entry {
        name: "eye",
        parameters: NONE,
        summary: "1 on the diagonal of a matrix, 0 elsewhere",
        source: "torch.nn.init.eye_",
        make: |_| Ok(Matrix::Identity { gain: 1.0 }.into()),
    },
    Entry {
        name: "identity",
        parameters: GAIN,
        summary: "gain on the diagonal of a matrix, 0 elsewhere",
        source: "keras Identity",
        make: |given| Ok(Matrix::Identity { gain: given.number("gain")? }.into()),
    },
    Entry {
        name: "orthogonal",
        parameters: GAIN,
        summary: "orthogonal, or semi-orthogonal, of the tensor flattened to a matrix; vectors of length gain",
        source: "torch.nn.init.orthogonal_, keras Orthogonal, jax orthogonal",
        make: |given| Ok(Initializer::orthogonal(given.number("gain")?)),
    },
    Entry {
        name: "delta_orthogonal",
        parameters: GAIN,
        summary: "orthogonal in the centre of a convolution's kernel, 0 elsewhere",
        source: "jax delta_orthogonal",
        make: |given| Ok(Initializer::delta_orthogonal(given.number("gain")?)),
    },
    Entry {
        name: "dirac",
        parameters: &[parameter("groups", "1")],
        summary: "the identity of channels, in the centre of a convolution's kernel",
        source: "torch.nn.init.dirac_",
        make: |given| Ok(Matrix::Dirac { groups: given.count("groups")? }.into()),
    },
    Entry {
        name: "sparse",
        parameters: &[parameter("sparsity", ""), parameter("std", "0.01")],
        summary: "normal, with a share of zeros in each column of a matrix",
        source: "torch.nn.init.sparse_",
        make: |given| Ok(Matrix::Sparse { sparsity: given.number("sparsity")?, std: given.number("std")? }.into()),
    },
    Entry {
        name: "block_diagonal",
        parameters: &[parameter("blocks", ""), OF],
        summary: "blocks along the diagonal, each initialized as a matrix of its own; further parameters are those of \
            'of'",
        source: "torch.block_diag, jax.scipy.linalg.block_diag",
        make: |given| Ok(Matrix::BlockDiagonal { blocks: given.count("blocks")?, of: nested(given)? }.into()),
    },
    Entry {
        name: "toeplitz",
        parameters: &[OF],
        summary: "the same sample all along each diagonal; further parameters are those of 'of'",
        source: "scipy.linalg.toeplitz",
        make: |given| Ok(Matrix::Toeplitz { of: nested(given)? }.into()),
    },
    Entry {
        name: "padded",
        parameters: &[parameter("padding_idx", "0"), OF],
        summary: "zeros in row padding_idx, from the end where negative; further parameters are those of 'of'",
        source: "torch.nn.Embedding (padding_idx)",
        make: |given| Ok(Matrix::Padded { row: given.whole("padding_idx")?, of: nested(given)? }.into()),
    },
    Entry {
        name: "sinusoidal",
        parameters: &[BASE, parameter("order", "interleaved")],
        summary: "positional encodings: interleaved, concatenated or tensor2tensor",
        source: "Vaswani et al. 2017, section 3.5",
        make: |given| {
            Ok(Matrix::Sinusoidal { base: given.number("base")?, order: given.text("order")?.parse()? }.into())
        },
    },
    Entry {
        name: "rotary",
        parameters: &[parameter("part", "cos"), BASE, parameter("order", "halves")],
        summary: "cosines or sines of rotary embeddings: halves, interleaved or single",
        source: "Su et al. 2021, equation 15; transformers LlamaRotaryEmbedding",
        make: |given| {
            let (part, order) = (given.text("part")?.parse()?, given.text("order")?.parse()?);
            Ok(Matrix::Rotary { part, base: given.number("base")?, order }.into())
        },
    },
    Entry {
        name: "rotary_frequencies",
        parameters: &[BASE],
        summary: "base^(-2i/d), the frequencies of rotary embeddings",
        source: "transformers LlamaRotaryEmbedding (inv_freq)",
        make: |given| Ok(Matrix::RotaryFrequencies { base: given.number("base")? }.into()),
    },
    Entry {
        name: "arange",
        parameters: &[parameter("start", "0"), parameter("step", "1")],
        summary: "numbers in equal steps along the last dimension",
        source: "torch.arange, numpy.arange",
        make: |given| Ok(Matrix::Arange { start: given.number("start")?, step: given.number("step")? }.into()),
    },
    Entry {
        name: "tril",
        parameters: &[parameter("diagonal", "0"), parameter("width", "")],
        summary: "1 on and below a diagonal, of width diagonals if that is given, 0 elsewhere",
        source: "torch.tril of ones (causal masks)",
        make: |given| {
            let width = given.optional("width")?.map(|_| given.count("width")).transpose()?;
            Ok(Matrix::LowerTriangle { diagonal: given.whole("diagonal")?, width }.into())
        },
    },
    Entry {
        name: "state_space",
        parameters: &[parameter("kind", "legs")],
        summary: "matrices of state space models: legs, legs_input, linear or log_index",
        source: "Gu et al. 2020, equation 2; state-spaces/s4, state-spaces/mamba",
        make: |given| Ok(Matrix::StateSpace(given.text("kind")?.parse()?).into()),
    },
    Entry {
        name: "stft",
        parameters: &[
            parameter("side", "real"),
            parameter("window", "hann"),
            parameter("scaling", "density"),
            parameter("periodic", "false"),
        ],
        summary: "the basis of a short-time Fourier transform as a convolution's kernel",
        source: "keras STFT",
        make: |given| {
            let (side, window) = (given.text("side")?.parse()?, given.text("window")?.parse()?);
            let (scaling, periodic) = (given.text("scaling")?.parse()?, given.flag("periodic")?);
            Ok(Matrix::Stft { side, window, scaling, periodic }.into())
        },
    },
    Entry {
        name: "bits",
        parameters: NONE,
        summary: "the generator's 32-bit words, dtype u32",
        source: "Philox4x32-10",
        make: |_| Ok(Law::Bits.into()),
    },
];
