//! Mirror of `shaders/unit/slice_blocks.wgsl`: elements of a slice whose runs are whole blocks.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::add_64;
use crate::arithmetic::unit::slice::{block_of, quotient, source};

/// Elements of the four slots from `4 index` on.
#[inline]
pub(crate) fn elements(params: &Params, index: u32, structured: &impl Fn(&Params, u32) -> [u32; 4]) -> [u32; 4] {
    let number = (4 * index).wrapping_sub(params.head).wrapping_add(params.block[1]);
    let run = quotient(number, params.view[0]);
    let first = add_64(source(params, run), number - run * params.view[0]);
    block_of(params, [(first[0] >> 2) | (first[1] << 30), first[1] >> 2], structured)
}
