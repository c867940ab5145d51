//! Mirror of `shaders/law/listed_64.wgsl`: numbers of elements in the list, from 1 on, and their words.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::{divide, next_place};

/// The numbers of a block's four elements in the list, from 1 on.
#[inline]
pub(crate) fn block_elements(params: &Params, block: [u32; 2]) -> [u32; 4] {
    let mut place = divide([block[0] << 2, (block[1] << 2) | (block[0] >> 30)], params.columns);
    [(); 4].map(|()| {
        let number = place[1] + 1;
        place = next_place(params, place);
        number
    })
}

/// (low, high) words of an element by its number; 0 is no element.
#[inline]
pub(crate) fn widen(list: &[u32], number: u32) -> [u32; 2] {
    if number == 0 {
        return [0; 2];
    }
    let first = 2 * (number as usize - 1);
    [list[first], list[first + 1]]
}
