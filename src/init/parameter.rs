//! Parameters and their values, as they come from a spec or a command line.

use std::fmt;

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

/// A parameter of an initializer or a recipe.
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

/// A parameter and its default, empty for none.
pub(crate) const fn parameter(name: &'static str, default: &'static str) -> Parameter {
    Parameter { name, default }
}
