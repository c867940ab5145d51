//! Mirror of `shaders/unit/unit_32.wgsl`: a unit of 16 bytes as four elements of 32 bits.

/// Elements of a unit.
const SLOTS: u32 = 4;

/// Writes those elements of the unit that lie in the range.
pub fn write_unit(
    unit: u32,
    destination: &mut [u32],
    elements: impl Fn(u32) -> [u32; 4],
    writes: impl Fn(u32) -> bool,
    updated: impl Fn(u32, u32) -> u32,
) {
    let slot = unit * SLOTS;
    for (slot, bits) in (slot..).zip(elements(unit)) {
        write_slot(slot, bits, destination, &writes, &updated);
    }
}

fn write_slot(
    slot: u32,
    bits: u32,
    destination: &mut [u32],
    writes: &impl Fn(u32) -> bool,
    updated: &impl Fn(u32, u32) -> u32,
) {
    if writes(slot) {
        let word = &mut destination[slot as usize];
        *word = updated(*word, bits);
    }
}
