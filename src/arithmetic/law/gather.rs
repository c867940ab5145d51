//! Mirror of `shaders/law/gather.wgsl`: elements of a matrix from the components of vectors.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::{divide, next_place};

#[inline]
fn gather_element(params: &Params, components: &[f32], place: [u32; 2], encode: impl Fn(f32) -> u32) -> u32 {
    let [row_step, column_step, taps, tap] = params.structure;
    if place[1] % taps != tap {
        return 0;
    }
    encode(params.scale * components[(place[0] * row_step + place[1] / taps * column_step) as usize])
}

/// The bits of a block's four elements.
#[inline]
pub(crate) fn block_elements(
    params: &Params,
    components: &[f32],
    encode: impl Fn(f32) -> u32,
    block: [u32; 2],
) -> [u32; 4] {
    let mut place = divide([block[0] << 2, (block[1] << 2) | (block[0] >> 30)], params.columns);
    [(); 4].map(|()| {
        let bits = gather_element(params, components, place, &encode);
        place = next_place(params, place);
        bits
    })
}
