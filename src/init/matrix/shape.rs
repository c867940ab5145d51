//! What the matrices of this room ask of shapes.

use crate::error::{Error, Result};

/// Rows and columns of a shape that has just these.
pub(super) fn rows_and_columns(initializer: &'static str, shape: &[u64]) -> Result<(u64, u64)> {
    match *shape {
        [rows, columns] => Ok((rows, columns)),
        _ => Err(Error::WrongShape { initializer, expected: "two dimensions", shape: shape.to_vec() }),
    }
}

/// Most entries of a table that an initializer makes: a shape alone must not fill the memory.
const MOST_ENTRIES: u64 = 1 << 24;

/// `entries`, if a table can have so many.
pub(super) fn table(initializer: &'static str, entries: u64) -> Result<u64> {
    if entries <= MOST_ENTRIES {
        return Ok(entries);
    }
    Err(Error::TableTooLarge { initializer, entries, most: MOST_ENTRIES })
}
