//! Mirror of `shaders/law/bits.wgsl`.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::generator::words::block_words;

/// The generator's words as they are.
#[inline]
pub(crate) fn word_elements(words: [u32; 4]) -> [u32; 4] {
    words
}

/// The bits of a block's four elements.
#[inline]
pub(crate) fn block_elements(params: &Params, block: [u32; 2]) -> [u32; 4] {
    word_elements(block_words(params, block))
}
