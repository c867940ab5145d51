//! Mirror of `shaders/unit/unit_64.wgsl`: a unit of 32 bytes as four elements of 64 bits.

/// Elements of a unit.
const SLOTS: u32 = 4;

/// Writes those elements of the unit that lie in the range.
pub fn write_unit(
    unit: u32,
    destination: &mut [u32],
    elements: impl Fn(u32) -> [u32; 4],
    writes: impl Fn(u32) -> bool,
    widen: impl Fn(u32) -> [u32; 2],
) {
    let slot = unit * SLOTS;
    for (slot, bits) in (slot..).zip(elements(unit)) {
        write_slot(slot, bits, destination, &writes, &widen);
    }
}

fn write_slot(
    slot: u32,
    bits: u32,
    destination: &mut [u32],
    writes: &impl Fn(u32) -> bool,
    widen: &impl Fn(u32) -> [u32; 2],
) {
    if writes(slot) {
        destination[2 * slot as usize..][..2].copy_from_slice(&widen(bits));
    }
}
