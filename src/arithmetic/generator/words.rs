//! Mirror of `shaders/generator/words.wgsl`.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::generator::philox::philox;

/// The generator's words of a block.
#[inline]
pub(crate) fn block_words(params: &Params, block: [u32; 2]) -> [u32; 4] {
    philox([block[0], block[1], params.stream[0], params.stream[1]], params.key)
}
