//! Mirror of `shaders/matrix/toeplitz.wgsl`: the same sample all along each diagonal.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::{add_64, next_place, place_of};

fn diagonal_element(params: &Params, place: [u32; 2], block_elements: &impl Fn([u32; 2]) -> [u32; 4]) -> u32 {
    let sample = add_64([params.structure[0].wrapping_sub(1).wrapping_sub(place[0]), 0], place[1]);
    let block = block_elements([(sample[0] >> 2) | (sample[1] << 30), sample[1] >> 2]);
    block[(sample[0] & 3) as usize]
}

/// Four elements from slot `4 index` on.
pub(crate) fn structured(params: &Params, index: u32, block_elements: &impl Fn([u32; 2]) -> [u32; 4]) -> [u32; 4] {
    let mut place = place_of(params, index);
    [(); 4].map(|()| {
        let bits = diagonal_element(params, place, block_elements);
        place = next_place(params, place);
        bits
    })
}
