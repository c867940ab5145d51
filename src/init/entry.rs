//! Entries: an initializer by name.

use crate::error::Result;
use crate::init::arguments::{Arguments, Given};
use crate::init::initializer::Initializer;
use crate::init::parameter::Parameter;

/// An initializer by name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
    /// One line: what it draws.
    pub summary: &'static str,
    /// The function that it follows.
    pub source: &'static str,
    /// What makes it of its arguments.
    pub(super) make: fn(&Given<'_>) -> Result<Initializer>,
}

impl Entry {
    /// The initializer with `arguments` in the place of defaults.
    ///
    /// # Errors
    /// [`UnknownParameter`](crate::Error::UnknownParameter), [`MissingParameter`](crate::Error::MissingParameter),
    /// [`WrongParameter`](crate::Error::WrongParameter), and those of the initializer itself.
    pub fn initializer(&'static self, arguments: &Arguments) -> Result<Initializer> {
        (self.make)(&Given::new(["initializer", self.name], self.parameters, arguments)?)
    }
}
