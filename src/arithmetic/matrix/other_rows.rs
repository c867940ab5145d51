//! Mirror of `shaders/matrix/other_rows.wgsl`: every row but one.

use crate::arithmetic::generator::params::Params;

/// Whether the element at (row, column) is a sample.
#[inline]
pub(crate) fn keeps(params: &Params, place: [u32; 2]) -> bool {
    place[0] != params.structure[0]
}
