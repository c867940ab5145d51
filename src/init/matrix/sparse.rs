//! `torch/nn/init.py`, `sparse_`: ⌈sparsity · rows⌉ zeros in each column, the others N(0, std).

use crate::error::{LawError, Result};
use crate::init::matrix::shape::rows_and_columns;
use crate::law::Law;
use crate::request::structure::Structure;

pub(crate) fn parts(sparsity: f64, std: f64, shape: &[u64]) -> Result<(Law, Structure)> {
    let (rows, columns) = rows_and_columns("sparse", shape)?;
    if !(0.0..=1.0).contains(&sparsity) {
        return Err(LawError::NotAShare { name: "sparsity", value: sparsity }.into());
    }
    let zeros = f64::ceil(sparsity * rows as f64) as u64;
    Ok((Law::normal(0.0, std), Structure::Sparse { columns, rows, zeros }))
}
