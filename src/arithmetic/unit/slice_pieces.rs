//! Mirror of `shaders/unit/slice_pieces.wgsl`: what a run has of one of the blocks that it touches.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::add_64;
use crate::arithmetic::unit::slice::{quotient, source};

/// A piece of a slice: see the shader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// The block's number.
    pub(crate) block: [u32; 2],
    /// Where its first element goes, or would.
    pub(crate) slot: u32,
    /// That element's place in the run: a large number where it lies before it.
    pub(crate) offset: u32,
    /// Elements of the run, as far as it is written; 0 for no piece.
    pub(crate) count: u32,
}

/// How many blocks a run touches at most, or `count` elements of it.
#[inline]
pub(crate) fn most_blocks(params: &Params, count: u32) -> u32 {
    if params.view[0] <= count && (params.view[2] | params.view_count | params.block[0]) & 3 == 0 {
        return ((params.origin[0] & 3) + params.view[0]).div_ceil(4);
    }
    (params.view[0].min(count) + 6) / 4
}

/// The piece with this number, from the first run that is written on.
#[inline]
pub(crate) fn piece(nested: bool, params: &Params, item: u32) -> Piece {
    let start = params.block[1];
    let end = start + (params.tail - params.head);
    let blocks = most_blocks(params, end - start);
    let later = quotient(item, blocks);
    let run = quotient(start, params.view[0]) + later;
    let first = (run * params.view[0]).max(start);
    let tail = ((run + 1) * params.view[0]).min(end);
    let index = add_64(source(nested, params, run), first - run * params.view[0]);
    let block = item - later * blocks;
    let offset = (4 * block).wrapping_sub(index[0] & 3);
    let exists = first < tail && (block == 0 || offset < tail - first);
    let number = add_64([(index[0] >> 2) | (index[1] << 30), index[1] >> 2], block);
    let slot = params.head.wrapping_add(first - start).wrapping_add(offset);
    Piece { block: number, slot, offset, count: if exists { tail - first } else { 0 } }
}
