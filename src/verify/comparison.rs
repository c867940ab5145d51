//! What a comparison of elements found.

use std::fmt;

use crate::error::{Error, Result};

/// The first element that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Index of the element in its tensor's flat order, or in its slice's.
    pub index: u64,
    /// The element's bits by the CPU reference.
    pub expected: u64,
    /// The bits that were found.
    pub found: u64,
}

/// What a comparison found.
#[must_use = "elements may differ"]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Elements compared.
    pub elements: u64,
    /// How many of them differ.
    pub different: u64,
    /// The first of those.
    pub first: Option<Difference>,
}

impl Comparison {
    /// The comparison of this and of what follows it.
    pub fn and(self, next: Self) -> Self {
        Self {
            elements: self.elements + next.elements,
            different: self.different + next.different,
            first: self.first.or(next.first),
        }
    }

    /// Whether every element is equal.
    pub fn is_equal(&self) -> bool {
        self.different == 0
    }

    /// The comparison where every element is equal.
    ///
    /// # Errors
    /// [`Error::Different`] otherwise.
    pub fn equal(self) -> Result<Self> {
        match self.first {
            None => Ok(self),
            Some(Difference { index, expected, found }) => {
                Err(Error::Different { elements: self.elements, different: self.different, index, expected, found })
            }
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.equal() {
            Ok(_) => write!(f, "{} elements equal bit for bit", self.elements),
            Err(error) => error.fmt(f),
        }
    }
}
