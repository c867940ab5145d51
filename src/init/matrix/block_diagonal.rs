//! Blocks along the diagonal: layers side by side that do not mix, such as heads and experts, as one matrix.

use crate::error::{Error, Result};
use crate::init::Initializer;
use crate::init::fan::Layout;
use crate::init::matrix::{dense, rows_and_columns};
use crate::law::Law;
use crate::request::structure::Structure;

pub(super) fn parts(blocks: u64, of: &Initializer, shape: &[u64], layout: Layout) -> Result<(Law, Structure)> {
    let (_, columns) = rows_and_columns("block_diagonal", shape)?;
    let [block_rows, block_columns] = block(blocks, shape)?;
    let law = dense(of, "block_diagonal", &[block_rows, block_columns], layout)?;
    Ok((law, Structure::Blocks { columns, block_rows, block_columns }))
}

/// The shape of one block.
pub(super) fn block(blocks: u64, shape: &[u64]) -> Result<[u64; 2]> {
    let (rows, columns) = rows_and_columns("block_diagonal", shape)?;
    for (name, value) in [("rows", rows), ("columns", columns)] {
        if blocks == 0 || value % blocks != 0 {
            return Err(Error::NotDivisible { name, value, divisor_name: "blocks", divisor: blocks });
        }
    }
    Ok([rows / blocks, columns / blocks])
}
