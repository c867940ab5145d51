//! Mirror of `shaders/unit/slice_blocks.wgsl`: the blocks of a slice whose runs are whole blocks.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::add_64;
use crate::arithmetic::unit::slice::{quotient, source};

/// The block of the slots from `4 index` on.
#[inline]
pub(crate) fn first_block(nested: bool, params: &Params, index: u32) -> [u32; 2] {
    let number = (4 * index).wrapping_sub(params.head).wrapping_add(params.block[1]);
    let run = quotient(number, params.view[0]);
    let first = add_64(source(nested, params, run), number - run * params.view[0]);
    [(first[0] >> 2) | (first[1] << 30), first[1] >> 2]
}
