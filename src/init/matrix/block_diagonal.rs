//! Blocks along the diagonal: layers side by side that do not mix, such as heads and experts, as one matrix.

use crate::error::{Error, Result};
use crate::init::matrix::shape::rows_and_columns;
use crate::law::Law;
use crate::request::structure::Structure;

/// Blocks whose elements follow what `law` is for the shape of one.
pub(crate) fn parts(blocks: u64, shape: &[u64], law: impl FnOnce(&[u64]) -> Result<Law>) -> Result<(Law, Structure)> {
    let (_, columns) = rows_and_columns("block_diagonal", shape)?;
    let [block_rows, block_columns] = block(blocks, shape)?;
    Ok((law(&[block_rows, block_columns])?, Structure::Blocks { columns, block_rows, block_columns }))
}

/// The shape of one block.
pub(crate) fn block(blocks: u64, shape: &[u64]) -> Result<[u64; 2]> {
    let (rows, columns) = rows_and_columns("block_diagonal", shape)?;
    for (name, value) in [("rows", rows), ("columns", columns)] {
        if blocks == 0 || value % blocks != 0 {
            return Err(Error::NotDivisible { name, value, divisor_name: "blocks", divisor: blocks });
        }
    }
    Ok([rows / blocks, columns / blocks])
}
