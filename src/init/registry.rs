//! Initializers by name.

use super::Initializer;
use super::arguments::{Arguments, Given, Value};
use super::entries::REGISTRY;
use crate::error::{Error, Result};

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
    pub(super) make: fn(&Given<'_>) -> Result<Initializer>,
}

impl Entry {
    /// The initializer with `arguments` in the place of defaults.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`], [`Error::MissingParameter`], [`Error::WrongParameter`], and those of the
    /// initializer itself.
    pub fn initializer(&'static self, arguments: &Arguments) -> Result<Initializer> {
        let is_known = |name: &str| self.parameters.iter().any(|known| known.name == name);
        // What an outer initializer does not know is for the one inside.
        let unknown = arguments.keys().find(|name| !is_known(name) && !is_known("of"));
        if let Some(name) = unknown {
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
