//! Toeplitz matrices: the same sample all along each diagonal.

use crate::error::Result;
use crate::init::Initializer;
use crate::init::fan::Layout;
use crate::init::matrix::{dense, rows_and_columns};
use crate::law::Law;
use crate::request::structure::Structure;

pub(super) fn parts(of: &Initializer, shape: &[u64], layout: Layout) -> Result<(Law, Structure)> {
    let (rows, columns) = rows_and_columns("toeplitz", shape)?;
    Ok((dense(of, "toeplitz", shape, layout)?, Structure::Toeplitz { columns, rows }))
}
