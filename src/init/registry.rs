//! The one table of initializer names: parameters, defaults, source, and how to make each.

use super::arguments::{Arguments, Given, Value};
use super::{Distribution, Initializer, Nonlinearity};
use crate::error::{Error, Result};
use crate::law::{Law, Math};

/// A parameter of an initializer.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name, as in the framework.
    pub name: &'static str,
    /// Its default as text; empty where it must be given or follows from others.
    pub default: &'static str,
}

impl Parameter {
    /// The default as a value, if there is one.
    pub fn default_value(&self) -> Option<Value> {
        (!self.default.is_empty()).then(|| Value::parse(self.default))
    }
}

/// An initializer by name.
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
    /// One line: what it draws.
    pub summary: &'static str,
    /// The function that it follows.
    pub source: &'static str,
    make: fn(&Given<'_>) -> Result<Initializer>,
}

impl Entry {
    /// The initializer with `arguments` in the place of defaults.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`], [`Error::MissingParameter`], [`Error::WrongParameter`], and those of the
    /// initializer itself.
    pub fn initializer(&'static self, arguments: &Arguments) -> Result<Initializer> {
        if let Some(name) = arguments.keys().find(|name| self.parameters.iter().all(|known| known.name != **name)) {
            let names: Vec<_> = self.parameters.iter().map(|parameter| parameter.name).collect();
            let expected = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(Error::UnknownParameter { initializer: self.name, name: name.clone(), expected });
        }
        (self.make)(&Given { entry: self, arguments })
    }
}

/// The initializer called `name`.
///
/// # Errors
/// [`Error::UnknownName`].
///
/// ```
/// use wginit::Initializer;
/// use wginit::init::{Arguments, by_name};
///
/// let he = by_name("he_normal")?.initializer(&Arguments::new())?;
/// assert_eq!(he, Initializer::he_normal());
/// # Ok::<(), wginit::Error>(())
/// ```
pub fn by_name(name: &str) -> Result<&'static Entry> {
    REGISTRY.iter().find(|entry| entry.name == name).ok_or_else(|| Error::UnknownName {
        kind: "initializer",
        name: name.to_owned(),
        expected: REGISTRY.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "),
    })
}

const fn parameter(name: &'static str, default: &'static str) -> Parameter {
    Parameter { name, default }
}

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

fn normal(mean: f64, std: f64, math: Math) -> Result<Initializer> {
    Ok(Law::Normal { mean, std, math }.into())
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
        name: "bits",
        parameters: NONE,
        summary: "the generator's 32-bit words, dtype u32",
        source: "Philox4x32-10",
        make: |_| Ok(Law::Bits.into()),
    },
];
