//! Mirror of `shaders/law/sample.wgsl`: from standard samples to the bits of elements.

use crate::arithmetic::generator::options::Options;
use crate::arithmetic::generator::params::Params;
use crate::arithmetic::generator::words::block_words;
use crate::arithmetic::law::portable_math::barrier;

/// Scale, centre and bounds, then the type's rounding.
#[inline]
pub(crate) fn sample(options: Options, params: &Params, encode: impl Fn(f32) -> u32, standard: f32) -> u32 {
    let mut x = params.scale * standard;
    if options.centred {
        x = barrier(x) + params.centre;
    }
    if options.bounded {
        x = x.max(params.low).min(params.high);
    }
    encode(x)
}

/// The bits of the elements that a block's words make, or two pairs of words of any blocks.
#[inline]
pub(crate) fn word_elements(
    options: Options,
    params: &Params,
    standard_block: impl Fn([u32; 4]) -> [f32; 4],
    encode: impl Fn(f32) -> u32,
    words: [u32; 4],
) -> [u32; 4] {
    standard_block(words).map(|z| sample(options, params, &encode, z))
}

/// The bits of a block's four elements.
#[inline]
pub(crate) fn block_elements(
    options: Options,
    params: &Params,
    standard_block: impl Fn([u32; 4]) -> [f32; 4],
    encode: impl Fn(f32) -> u32,
    block: [u32; 2],
) -> [u32; 4] {
    word_elements(options, params, standard_block, encode, block_words(params, block))
}
