//! Embeddings with a row of zeros for padding (`torch/nn/modules/sparse.py`, `Embedding._fill_padding_idx_with_zero`).

use crate::error::{Error, Result};
use crate::request::structure::Structure;

/// The structure of a tensor of `shape`, of which `row` is 0: from the end where negative.
pub(crate) fn structure(row: i64, shape: &[u64]) -> Result<Structure> {
    let (Some(&rows), true) = (shape.first(), shape.len() >= 2) else {
        let expected = "two or more dimensions (rows, ...)";
        return Err(Error::WrongShape { initializer: "padded", expected, shape: shape.to_vec() });
    };
    let from_start = if row < 0 { rows.checked_sub(row.unsigned_abs()) } else { Some(row.unsigned_abs()) };
    let row = from_start.filter(|row| *row < rows).ok_or(Error::NoSuchRow { row, rows })?;
    let columns = shape[1..].iter().try_fold(1u64, |n, d| n.checked_mul(*d)).unwrap_or(u64::MAX);
    Ok(Structure::OtherRows { columns, row })
}
