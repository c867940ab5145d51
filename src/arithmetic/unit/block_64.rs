//! Mirror of `shaders/unit/block_64.wgsl`: a block of elements of 64 bits, of which some are written.

/// Writes those elements whose place, from `offset` on, is below `count`.
pub fn write_block(
    slot: u32,
    [offset, count]: [u32; 2],
    e: [u32; 4],
    destination: &mut [u32],
    widen: impl Fn(u32) -> [u32; 2],
) {
    for (lane, bits) in (0..).zip(e) {
        write_slot(slot.wrapping_add(lane), offset.wrapping_add(lane) < count, bits, destination, &widen);
    }
}

fn write_slot(slot: u32, is_written: bool, bits: u32, destination: &mut [u32], widen: &impl Fn(u32) -> [u32; 2]) {
    if is_written {
        destination[2 * slot as usize..][..2].copy_from_slice(&widen(bits));
    }
}
