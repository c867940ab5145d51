//! Mirror of `shaders/unit/block_32.wgsl`: a block of elements of 32 bits, of which some are written.

/// Writes those elements whose place, from `offset` on, is below `count`.
pub fn write_block(
    slot: u32,
    [offset, count]: [u32; 2],
    e: [u32; 4],
    destination: &mut [u32],
    updated: impl Fn(u32, u32) -> u32,
) {
    for (lane, bits) in (0..).zip(e) {
        write_slot(slot.wrapping_add(lane), offset.wrapping_add(lane) < count, bits, destination, &updated);
    }
}

fn write_slot(slot: u32, is_written: bool, bits: u32, destination: &mut [u32], updated: &impl Fn(u32, u32) -> u32) {
    if is_written {
        let word = &mut destination[slot as usize];
        *word = updated(*word, bits);
    }
}
