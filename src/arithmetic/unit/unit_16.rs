//! Mirror of `shaders/unit/unit_16.wgsl`: a unit of 16 bytes as eight elements of 16 bits, two to a word.

/// Elements of a unit.
const SLOTS: u32 = 8;

/// Writes those elements of the unit that lie in the range.
pub fn write_unit(
    unit: u32,
    destination: &mut [u32],
    elements: impl Fn(u32) -> [u32; 4],
    writes: impl Fn(u32) -> bool,
    updated: impl Fn(u32, u32) -> u32,
) {
    let slot = unit * SLOTS;
    let e = elements(2 * unit);
    let f = elements(2 * unit + 1);
    write_pair(slot, e[0] | (e[1] << 16), destination, &writes, &updated);
    write_pair(slot + 2, e[2] | (e[3] << 16), destination, &writes, &updated);
    write_pair(slot + 4, f[0] | (f[1] << 16), destination, &writes, &updated);
    write_pair(slot + 6, f[2] | (f[3] << 16), destination, &writes, &updated);
}

/// A half outside the range belongs to a neighbour and keeps its bits.
fn write_pair(
    slot: u32,
    bits: u32,
    destination: &mut [u32],
    writes: &impl Fn(u32) -> bool,
    updated: &impl Fn(u32, u32) -> u32,
) {
    let low = if writes(slot) { 0xffff } else { 0 };
    let high = if writes(slot + 1) { 0xffff_0000 } else { 0 };
    let mask = low | high;
    if mask != 0 {
        let word = &mut destination[slot as usize / 2];
        let first = updated(*word & 0xffff, bits & 0xffff);
        let second = updated(*word >> 16, bits >> 16);
        *word = (*word & !mask) | ((first | (second << 16)) & mask);
    }
}
