//! Mirror of `shaders/law/bits.wgsl`.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::generator::words::block_words;

/// The generator's words as they are.
#[inline]
pub(crate) fn block_elements(params: &Params, block: [u32; 2]) -> [u32; 4] {
    block_words(params, block)
}
