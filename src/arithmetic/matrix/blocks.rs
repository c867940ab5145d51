//! Mirror of `shaders/matrix/blocks.wgsl`: blocks along the diagonal.

use crate::arithmetic::generator::params::Params;

/// Whether the element at (row, column) is a sample.
#[inline]
pub(crate) fn keeps(params: &Params, place: [u32; 2]) -> bool {
    let [block_rows, block_columns, ..] = params.structure;
    place[0] / block_rows == place[1] / block_columns
}
