//! Computing formulas: in f64, by functions whose results are the same on every machine.

use super::{Expression, Function};
use crate::error::{Error, Result};
use crate::init::Value;
use crate::real;
use crate::recipe::glob::Glob;

/// What names stand for.
pub(in crate::recipe) trait Names {
    /// The value of a name, if it has one.
    fn find(&self, name: &'static str) -> Result<Option<Value>>;

    /// The error of a name without a value.
    fn unknown(&self, name: &'static str) -> Error;

    /// The error of a value that is not `expected`.
    fn wrong(&self, found: &Value, expected: &'static str) -> Error;

    /// Whether the name of a tensor of the model matches.
    fn exists(&self, glob: &Glob) -> bool;

    /// Whether the name of every tensor of the model matches one of these.
    fn all(&self, globs: &[Glob]) -> bool;

    /// The shape of the tensor `name` in the tensor's module, or in the one `outer` modules around it.
    fn beside(&self, name: &str, outer: usize) -> Option<&[u64]>;

    /// The field of the configuration at `path`.
    fn field(&self, path: &str) -> Option<Value>;

    /// How many fields of the configuration stand in the table or list at `path`.
    fn count(&self, path: &str) -> u64;

    /// The shape of the tensor.
    fn shape(&self) -> Option<&[u64]>;
}

impl Expression {
    /// Its value.
    pub(in crate::recipe) fn value(&self, names: &dyn Names) -> Result<Value> {
        match self.optional(names)? {
            Some(value) => Ok(value),
            None => Err(names.unknown(self.missing(names).unwrap_or("the size of a tensor"))),
        }
    }

    /// Its value as a number; true and false are 1 and 0.
    pub(in crate::recipe) fn number(&self, names: &dyn Names) -> Result<f64> {
        number(&self.value(names)?, names)
    }

    /// Whether it holds.
    pub(in crate::recipe) fn holds(&self, names: &dyn Names) -> Result<bool> {
        Ok(self.number(names)? != 0.0)
    }

    /// Its value, if all that it needs has one.
    pub(in crate::recipe) fn optional(&self, names: &dyn Names) -> Result<Option<Value>> {
        let (function, arguments) = match self {
            Self::Value(value) => return Ok(Some(value.clone())),
            Self::Name(name) => return names.find(name),
            Self::Apply(function, arguments) => (*function, arguments),
        };
        // These do not need all of their arguments.
        let first = arguments[0].optional(names)?;
        match (function, first) {
            (Function::Has, first) => Ok(Some(flag(first.is_some()))),
            (Function::Else, Some(first)) => Ok(Some(first)),
            (Function::Else, None) => arguments[1].optional(names),
            (_, None) => Ok(None),
            (Function::If, Some(first)) => arguments[if number(&first, names)? != 0.0 { 1 } else { 2 }].optional(names),
            (Function::And, Some(first)) if number(&first, names)? == 0.0 => Ok(Some(flag(false))),
            (Function::Or, Some(first)) if number(&first, names)? != 0.0 => Ok(Some(flag(true))),
            (_, Some(first)) => match arguments.get(1).map(|second| second.optional(names)).transpose()? {
                Some(None) => Ok(None),
                second => apply(function, first, second.flatten(), names),
            },
        }
    }

    /// The first name in it that has no value.
    fn missing(&self, names: &dyn Names) -> Option<&'static str> {
        match self {
            Self::Value(_) => None,
            Self::Name(name) => names.find(name).ok()?.is_none().then_some(*name),
            Self::Apply(_, arguments) => arguments.iter().find_map(|argument| argument.missing(names)),
        }
    }
}

fn apply(function: Function, first: Value, second: Option<Value>, names: &dyn Names) -> Result<Option<Value>> {
    let second = second.unwrap_or(Value::Number(0.0));
    let a = || number(&first, names);
    let b = || number(&second, names);
    let size = |shape: Option<&[u64]>, axis: f64| Some(Value::Number(dimension(shape?, axis)? as f64));
    let found = match function {
        Function::Add => a()? + b()?,
        Function::Subtract => a()? - b()?,
        Function::Multiply => a()? * b()?,
        Function::Divide => a()? / b()?,
        Function::Remainder => a()?.rem_euclid(b()?),
        Function::Power => real::pow(a()?, b()?),
        Function::Negate => -a()?,
        Function::Less => return Ok(Some(flag(a()? < b()?))),
        Function::AtMost => return Ok(Some(flag(a()? <= b()?))),
        Function::And | Function::Or => return Ok(Some(flag(b()? != 0.0))),
        Function::Not => return Ok(Some(flag(a()? == 0.0))),
        Function::Equal => return Ok(Some(flag(first == second))),
        Function::Unequal => return Ok(Some(flag(first != second))),
        Function::Sqrt => f64::sqrt(a()?),
        Function::Log => real::log(a()?),
        Function::Exp => real::exp(a()?),
        Function::Sin => real::sin(a()?),
        Function::Cos => real::cos(a()?),
        Function::Floor => a()?.floor(),
        Function::Ceil => a()?.ceil(),
        Function::Min => a()?.min(b()?),
        Function::Max => a()?.max(b()?),
        Function::Begins => return Ok(Some(flag(text(&first, names)?.starts_with(text(&second, names)?)))),
        Function::Contains => return Ok(Some(flag(text(&first, names)?.contains(text(&second, names)?)))),
        Function::Matches => return Ok(Some(flag(Glob::new(text(&second, names)?)?.matches(text(&first, names)?)))),
        Function::Exists => return Ok(Some(flag(names.exists(&Glob::new(text(&first, names)?)?)))),
        Function::All => {
            let globs = text(&first, names)?.split_whitespace().map(Glob::new).collect::<Result<Vec<_>>>()?;
            return Ok(Some(flag(names.all(&globs))));
        }
        Function::Beside => {
            let name = text(&first, names)?;
            return Ok(Some(flag((0..2).any(|outer| names.beside(name, outer).is_some()))));
        }
        Function::Size => return Ok(size(names.beside(text(&first, names)?, 0), b()?)),
        Function::Count => names.count(text(&first, names)?) as f64,
        Function::Field => return Ok(names.field(&format!("{}.{}", text(&first, names)?, b()?))),
        Function::Dimension => return Ok(size(names.shape(), a()?)),
        // Done before.
        Function::If | Function::Has | Function::Else => return Ok(None),
    };
    Ok(Some(Value::Number(found)))
}

/// The size of a dimension, from the end where negative.
fn dimension(shape: &[u64], axis: f64) -> Option<u64> {
    let from_start = if axis < 0.0 { shape.len() as f64 + axis } else { axis };
    (from_start >= 0.0).then(|| shape.get(from_start as usize).copied()).flatten()
}

fn flag(holds: bool) -> Value {
    Value::Number(f64::from(u8::from(holds)))
}

fn number(value: &Value, names: &dyn Names) -> Result<f64> {
    match value {
        Value::Number(number) => Ok(*number),
        Value::Text(text) if text == "true" => Ok(1.0),
        Value::Text(text) if text == "false" => Ok(0.0),
        found => Err(names.wrong(found, "a number")),
    }
}

fn text<'a>(value: &'a Value, names: &dyn Names) -> Result<&'a str> {
    match value {
        Value::Text(text) => Ok(text),
        found => Err(names.wrong(found, "a word")),
    }
}
