//! Mirror of `shaders/bits.wgsl`.

use super::philox::philox;
use crate::plan::Params;

/// The generator's words as they are.
#[inline]
pub(super) fn block_elements(params: &Params, block: [u32; 2]) -> [u32; 4] {
    philox([block[0], block[1], params.stream[0], params.stream[1]], params.key)
}
