//! Mirror of `shaders/update/range.wgsl`: which slots are written.

use crate::arithmetic::generator::params::Params;

/// All of the range.
#[inline]
pub(crate) fn writes(params: &Params, slot: u32) -> bool {
    slot >= params.head && slot < params.tail
}
