//! Random arguments of any initializer, most of them sensible, some at the edge of what is served or beyond.

use std::sync::LazyLock;

use weightinit::init::{Arguments, Entry, REGISTRY, Value};
use weightinit::{DType, Error};

use super::choices::Choices;

/// Arguments for a tensor of `shape`; `of` is what an initializer takes that is made of another. Where they are not
/// `centred`, samples are around 0.
pub(crate) fn arguments(
    choices: &mut Choices,
    entry: &'static Entry,
    of: Option<&'static Entry>,
    centred: bool,
    shape: &[u64],
    dtype: DType,
) -> Arguments {
    let drawn = Drawn::new(choices, entry, centred, dtype);
    let mut arguments = Arguments::new();
    for parameter in entry.parameters {
        let name = parameter.name;
        let value = match (name, parameter.default_value(), of) {
            ("of", _, Some(of)) => {
                arguments.extend(self::arguments(choices, of, None, centred, shape, dtype));
                Value::Text(of.name.to_owned())
            }
            // Optional, with defaults that follow from others.
            ("lower" | "upper" | "mode", None, _) if choices.chance(50) => continue,
            (_, Some(_), _) if drawn.defaults => continue,
            (_, Some(Value::Text(_)), _) => {
                let words = words(entry, name);
                Value::Text(words[choices.below(words.len() as u64) as usize].clone())
            }
            _ => Value::Number(drawn.number(choices, name, shape)),
        };
        arguments.insert(name.to_owned(), value);
    }
    arguments
}

/// Every word that a parameter takes, from what its refusal says.
fn words(entry: &'static Entry, parameter: &str) -> Vec<String> {
    let nonsense = Arguments::from([(parameter.to_owned(), Value::Text("?".to_owned()))]);
    match entry.initializer(&nonsense) {
        Err(Error::UnknownName(unknown)) => unknown.expected.split(", ").map(str::to_owned).collect(),
        Err(Error::WrongParameter { .. }) => ["true", "false"].map(str::to_owned).into(),
        other => panic!("{} takes any word as {parameter}: {other:?}", entry.name),
    }
}

/// Initializers whose tensors are dense samples of a law: those that others can be made of.
pub(crate) static LAWS: LazyLock<Vec<&'static Entry>> = LazyLock::new(|| {
    use weightinit::Initializer::{GainScaling, Law, VarianceScaling};
    let dense = |entry: &&'static Entry| {
        let needed = entry.parameters.iter().filter(|parameter| parameter.default.is_empty());
        let needed = needed.map(|parameter| (parameter.name.to_owned(), Value::Number(0.5))).collect();
        matches!(entry.initializer(&needed), Ok(Law(_) | VarianceScaling { .. } | GainScaling { .. }))
    };
    REGISTRY.iter().filter(dense).collect()
});

/// Numbers that belong together.
struct Drawn {
    /// Whether what has a default keeps it.
    defaults: bool,
    location: f64,
    scale: f64,
    bounds: [f64; 2],
}

impl Drawn {
    fn new(choices: &mut Choices, entry: &Entry, centred: bool, dtype: DType) -> Self {
        let defaults = choices.chance(20);
        let drawn = magnitude(choices, dtype);
        let location = if defaults || !centred { 0.0 } else { choices.pick(&[drawn, -drawn]) };
        let scale = if defaults { 1.0 } else { magnitude(choices, dtype) };
        let bounds = if entry.name.contains("log_") {
            // Logarithms are taken of them, or make them.
            let low = choices.power_of_ten(-4.0, 2.0);
            [low, low * (1.0 + choices.power_of_ten(-3.0, 3.0))]
        } else {
            match choices.below(20) {
                0 => [location, location],
                1 => [location, location.next_up()],
                2 => [-scale, scale.next_up()],
                _ if centred => [location, location + scale],
                _ => [-scale, scale],
            }
        };
        Self { defaults, location, scale, bounds }
    }

    fn number(&self, choices: &mut Choices, parameter: &str, shape: &[u64]) -> f64 {
        let [low, high] = self.bounds;
        match parameter {
            "value" | "mean" | "loc" => self.location,
            "low" | "minval" => low,
            "high" | "maxval" => high,
            "mode" => choices.real(0.0, 1.0) * (high - low) + low,
            "lower" | "upper" if choices.chance(10) => {
                if parameter == "lower" {
                    f64::NEG_INFINITY
                } else {
                    f64::INFINITY
                }
            }
            "lower" => self.location + self.scale * choices.real(-6.0, 1.0),
            "upper" => self.location + self.scale * choices.real(1.0, 6.0),
            // Beyond, a table takes seconds or cannot be had.
            "alpha" | "beta" => choices.power_of_ten(-0.5, 1.5),
            "mu" => choices.real(-9.0, 4.0),
            "sigma" => choices.power_of_ten(-2.0, 0.3),
            "clip" => choices.real(0.0, 0.5),
            "sparsity" => choices.real(-0.1, 1.1).clamp(0.0, 1.0),
            "blocks" => divisor(choices, shape.iter().copied().reduce(greatest_common_divisor).unwrap_or(1)) as f64,
            "groups" => divisor(choices, shape.first().copied().unwrap_or(1)) as f64,
            "padding_idx" => {
                let rows = shape.first().copied().unwrap_or(1);
                let row = choices.below(rows) as f64;
                if choices.chance(50) { row } else { row - rows as f64 }
            }
            _ => self.scale,
        }
    }
}

/// A divisor of `number`.
fn divisor(choices: &mut Choices, number: u64) -> u64 {
    let divisors: Vec<_> = (1..=64).chain([number]).filter(|divisor| number.is_multiple_of(*divisor)).collect();
    choices.pick(&divisors)
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// A positive number or 0.
fn magnitude(choices: &mut Choices, dtype: DType) -> f64 {
    match choices.below(20) {
        0 => choices.power_of_ten(-38.0, 38.0),
        1..3 => choices.power_of_ten(-12.0, 4.0),
        3 => {
            let least = f64::from(f32::MIN_POSITIVE);
            choices.pick(&[0.0, 1.0, 0.5, f64::from(0.1f32), 1.0 + f64::EPSILON, 1e-30, least, least * 16_777_216.0])
        }
        // What the type just holds: rounding meets bounds here.
        4 => choices.pick(&[dtype.max(), dtype.max() / 8.0, dtype.least(), dtype.least() * 4.0]),
        _ => choices.power_of_ten(-3.0, 1.0),
    }
}
