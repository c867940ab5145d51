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
    /// That element's place in the run as far as it is written: a large number where it lies before it.
    pub(crate) offset: u32,
    /// Elements of the run, as far as it is written; 0 for no piece.
    pub(crate) count: u32,
}

/// Whether the lanes at which runs begin repeat after four runs.
#[inline]
fn lanes_repeat(nested: bool, params: &Params) -> bool {
    !nested || (params.view[2] | params.view_count | params.block[0]) & 3 == 0
}

/// The lane at which a run begins, or what it is taken for where it may be any.
#[inline]
fn lane(nested: bool, params: &Params, run: u32, any: u32) -> u32 {
    let lane = params.origin[0].wrapping_add(run.wrapping_mul(params.view[2])) & 3;
    if lanes_repeat(nested, params) { lane } else { any }
}

/// How many blocks a run's first elements touch, at most.
#[inline]
pub(crate) fn blocks_to(nested: bool, params: &Params, run: u32, count: u32) -> u32 {
    (lane(nested, params, run, 3) + count).div_ceil(4)
}

/// Those of four runs, the first of which has a number that is a multiple of four.
#[inline]
pub(crate) fn blocks_of_four(nested: bool, params: &Params) -> [u32; 4] {
    [0, 1, 2, 3].map(|run| blocks_to(nested, params, run, params.view[0]))
}

/// Those of the first few of four.
#[inline]
pub(crate) fn blocks_before(blocks: [u32; 4], few: u32) -> u32 {
    blocks[..few as usize].iter().sum()
}

/// The number of the first piece that is written, counted from the first of its four runs on.
#[inline]
pub(crate) fn first_piece(nested: bool, params: &Params, blocks: [u32; 4], run: u32) -> u32 {
    let place = params.block[1] - run * params.view[0];
    blocks_before(blocks, run & 3) + (lane(nested, params, run, 0) + place) / 4
}

/// The run of the piece with this number, from the first that is written on, and its block's place in the run.
#[inline]
pub(crate) fn run_and_block(nested: bool, params: &Params, item: u32) -> [u32; 2] {
    let first_run = quotient(params.block[1], params.view[0]);
    let blocks = blocks_of_four(nested, params);
    let all = blocks_before(blocks, 4);
    let number = first_piece(nested, params, blocks, first_run) + item;
    let fours = quotient(number, all);
    let rest = number - fours * all;
    let later = [1, 2, 3].into_iter().map(|few| u32::from(rest >= blocks_before(blocks, few))).sum();
    [(first_run & !3) + 4 * fours + later, rest - blocks_before(blocks, later)]
}

/// What a run has of the block with this place in it.
#[inline]
pub(crate) fn piece(nested: bool, params: &Params, run: u32, block: u32) -> Piece {
    let start = params.block[1];
    let end = start + (params.tail - params.head);
    let first_run = quotient(start, params.view[0]);
    let first = run.wrapping_mul(params.view[0]).max(start);
    let before = first.wrapping_sub(run.wrapping_mul(params.view[0]));
    let count = (run + 1).wrapping_mul(params.view[0]).min(end).wrapping_sub(first);
    let index = source(nested, params, run);
    let offset = (4 * block).wrapping_sub(index[0] & 3).wrapping_sub(before);
    let exists = first < end && offset.wrapping_add(3) < count.wrapping_add(3);
    // From run to run in the destination.
    let pitch = if nested { params.view[0] } else { params.view[1] };
    let first_slot = params.head.wrapping_sub(start - first_run * params.view[0]);
    let slot = first_slot.wrapping_add((run - first_run).wrapping_mul(pitch)).wrapping_add(before);
    let number = add_64([(index[0] >> 2) | (index[1] << 30), index[1] >> 2], block);
    Piece { block: number, slot: slot.wrapping_add(offset), offset, count: if exists { count } else { 0 } }
}
