//! Mirror of `shaders/unit/block_8.wgsl`: a block of elements of 8 bits, of which some are written.

/// Writes those elements whose place, from `offset` on, is below `count`.
pub fn write_block(
    slot: u32,
    [offset, count]: [u32; 2],
    e: [u32; 4],
    destination: &mut [u32],
    updated: impl Fn(u32, u32) -> u32,
) {
    let m = [0, 1, 2, 3].map(|lane| if offset.wrapping_add(lane) < count { 0xff } else { 0 });
    let joined = |n: [u32; 4]| n[0] | n[1] << 8 | n[2] << 16 | n[3] << 24;
    let (bits, mask) = (joined(e), joined(m));
    let shift = 8 * (slot & 3);
    write_word(slot / 4, bits << shift, mask << shift, destination, &updated);
    if shift != 0 {
        write_word(slot.wrapping_add(3) / 4, bits >> (32 - shift), mask >> (32 - shift), destination, &updated);
    }
}

fn write_word(word: u32, bits: u32, mask: u32, destination: &mut [u32], updated: &impl Fn(u32, u32) -> u32) {
    if mask != 0 {
        let word = &mut destination[word as usize];
        let byte = |place: u32| updated((*word >> place) & 0xff, (bits >> place) & 0xff) << place;
        let next = byte(0) | byte(8) | byte(16) | byte(24);
        *word ^= (*word ^ next) & mask;
    }
}
