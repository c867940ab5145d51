//! Mirror of `shaders/unit/unit_8.wgsl`: a unit of 16 bytes as sixteen elements of 8 bits, four to a word.

/// Elements of a unit.
const SLOTS: u32 = 16;

/// Writes those elements of the unit that lie in the range.
pub fn write_unit(
    unit: u32,
    destination: &mut [u32],
    elements: impl Fn(u32) -> [u32; 4],
    writes: impl Fn(u32) -> bool,
    updated: impl Fn(u32, u32) -> u32,
) {
    let slot = unit * SLOTS;
    for first in [0, 4, 8, 12] {
        write_four(slot + first, elements(4 * unit + first / 4), destination, &writes, &updated);
    }
}

/// A byte outside the range belongs to a neighbour and keeps its bits.
fn write_four(
    slot: u32,
    e: [u32; 4],
    destination: &mut [u32],
    writes: &impl Fn(u32) -> bool,
    updated: &impl Fn(u32, u32) -> u32,
) {
    let mask = (0..4).map(|byte| byte_mask(slot, byte, writes)).fold(0, |mask, byte| mask | byte);
    if mask != 0 {
        let word = &mut destination[slot as usize / 4];
        let new = (0..4).map(|byte| updated((*word >> (8 * byte)) & 0xff, e[byte]) << (8 * byte));
        *word = (*word & !mask) | (new.fold(0, |word, byte| word | byte) & mask);
    }
}

fn byte_mask(slot: u32, byte: u32, writes: &impl Fn(u32) -> bool) -> u32 {
    if writes(slot + byte) { 0xff << (8 * byte) } else { 0 }
}
