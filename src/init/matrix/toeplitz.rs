//! Toeplitz matrices: the same sample all along each diagonal.

use crate::error::Result;
use crate::init::matrix::shape::rows_and_columns;
use crate::request::structure::Structure;

/// The structure of a matrix of `shape`.
pub(crate) fn structure(shape: &[u64]) -> Result<Structure> {
    let (rows, columns) = rows_and_columns("toeplitz", shape)?;
    Ok(Structure::Toeplitz { columns, rows })
}
