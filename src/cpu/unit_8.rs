//! Mirror of `shaders/unit_8.wgsl`: a unit of 16 bytes as sixteen elements of 8 bits, four to a word.

use super::fill::add_64;
use crate::plan::Params;

/// Elements of a unit.
pub(super) const SLOTS: u32 = 16;

/// Writes those elements of the unit at `slot` that lie in the range.
pub(super) fn write_unit(
    params: &Params,
    slot: u32,
    element: [u32; 2],
    destination: &mut [u32],
    structured: impl Fn([u32; 2]) -> [u32; 4],
) {
    for first in [0, 4, 8, 12] {
        write_structured(params, slot + first, structured(add_64(element, first)), destination);
    }
}

/// A byte outside the range belongs to a neighbour and keeps its bits.
fn write_structured(params: &Params, slot: u32, e: [u32; 4], destination: &mut [u32]) {
    let bits = e[0] | (e[1] << 8) | (e[2] << 16) | (e[3] << 24);
    let mask = (0..4).map(|byte| byte_mask(params, slot, byte)).fold(0, |mask, byte| mask | byte);
    if mask != 0 {
        let word = &mut destination[slot as usize / 4];
        *word = (*word & !mask) | (bits & mask);
    }
}

fn byte_mask(params: &Params, slot: u32, byte: u32) -> u32 {
    if slot + byte >= params.head && slot + byte < params.tail { 0xff << (8 * byte) } else { 0 }
}
