//! Mirror of `shaders/law/listed.wgsl`: elements from a list of patterns of bits, over and over.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::{divide, next_place};

/// The bits of a block's four elements.
#[inline]
pub(crate) fn block_elements(params: &Params, list: &[u32], block: [u32; 2]) -> [u32; 4] {
    let mut place = divide([block[0] << 2, (block[1] << 2) | (block[0] >> 30)], params.columns);
    [(); 4].map(|()| {
        let bits = list[place[1] as usize];
        place = next_place(params, place);
        bits
    })
}
