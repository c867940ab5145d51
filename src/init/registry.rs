//! Initializers by name.

use super::Initializer;
use super::arguments::{Arguments, Given, Value};
use super::entries::REGISTRY;
use crate::error::{Error, Result};

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
    pub(super) make: fn(&Given<'_>) -> Result<Initializer>,
}

impl Entry {
    /// The initializer with `arguments` in the place of defaults.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`], [`Error::MissingParameter`], [`Error::WrongParameter`], and those of the
    /// initializer itself.
    pub fn initializer(&'static self, arguments: &Arguments) -> Result<Initializer> {
        (self.make)(&Given::new(["initializer", self.name], self.parameters, arguments)?)
    }
}

/// The initializer called `name`.
///
/// # Errors
/// [`Error::UnknownName`].
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
    REGISTRY.iter().find(|entry| entry.name == name).ok_or_else(|| Error::UnknownName {
        kind: "initializer",
        name: name.to_owned(),
        expected: REGISTRY.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "),
    })
}
