//! Mirror of `shaders/unit/slice_blocks.wgsl`: elements of a slice whose runs are whole blocks.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::add_64;
use crate::arithmetic::unit::slice::{block_of, source};

/// Elements of the four slots from `4 index` on.
#[inline]
pub(crate) fn elements(given: &Params, index: u32, structured: &impl Fn(&Params, u32) -> [u32; 4]) -> [u32; 4] {
    let number = (4 * index).wrapping_sub(given.head).wrapping_add(given.block[1]);
    let run = number / given.view[0];
    let first = add_64(source(given, run), number - run * given.view[0]);
    block_of(given, [(first[0] >> 2) | (first[1] << 30), first[1] >> 2], structured)
}
