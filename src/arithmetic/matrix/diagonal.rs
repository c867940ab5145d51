//! Mirror of `shaders/matrix/diagonal.wgsl`: a diagonal that begins anew every so many rows.

use crate::arithmetic::generator::params::Params;

/// Whether the element at (row, column) is a sample.
#[inline]
pub(crate) fn keeps(params: &Params, place: [u32; 2]) -> bool {
    let [period, step, offset, _] = params.structure;
    place[1] == (place[0] % period).wrapping_mul(step).wrapping_add(offset)
}
