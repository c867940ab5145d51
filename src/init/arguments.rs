//! Arguments of an initializer by name, as they come from a spec or a command line.

use std::collections::BTreeMap;
use std::fmt;

use super::registry::Entry;
use crate::error::{Error, Result};

/// The value of an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A word, such as `fan_out` or `relu`.
    Text(String),
}

impl Value {
    /// Reads a number where the text is one (`inf` and `-inf` too), a word otherwise.
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Text(text.to_owned()), Self::Number)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "'{text}'"),
        }
    }
}

/// Arguments by parameter name.
pub type Arguments = BTreeMap<String, Value>;

/// Arguments of one initializer, with its defaults behind them.
pub(super) struct Given<'a> {
    pub(super) entry: &'static Entry,
    pub(super) arguments: &'a Arguments,
}

impl Given<'_> {
    /// The number of parameter `name`, or its default.
    pub(super) fn number(&self, name: &'static str) -> Result<f64> {
        self.optional(name)?.ok_or(Error::MissingParameter { initializer: self.entry.name, name, expected: "number" })
    }

    /// The number of parameter `name` where it or a default is given.
    pub(super) fn optional(&self, name: &'static str) -> Result<Option<f64>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(found @ Value::Text(_)) => Err(self.wrong(name, &found, "a number")),
        }
    }

    /// The word of parameter `name`, or its default.
    pub(super) fn text(&self, name: &'static str) -> Result<String> {
        match self.value(name) {
            None => Err(Error::MissingParameter { initializer: self.entry.name, name, expected: "word" }),
            Some(Value::Text(text)) => Ok(text),
            Some(found @ Value::Number(_)) => Err(self.wrong(name, &found, "a word")),
        }
    }

    fn value(&self, name: &'static str) -> Option<Value> {
        let default = self.entry.parameters.iter().find(|parameter| parameter.name == name);
        self.arguments.get(name).cloned().or_else(|| default.and_then(|parameter| parameter.default_value()))
    }

    fn wrong(&self, name: &'static str, found: &Value, expected: &str) -> Error {
        Error::WrongParameter {
            initializer: self.entry.name,
            name,
            found: found.to_string(),
            expected: expected.to_owned(),
        }
    }
}
