//! Mirror of `shaders/unit/block_16.wgsl`: a block of elements of 16 bits, of which some are written.

/// Writes those elements whose place, from `offset` on, is below `count`.
pub fn write_block(
    slot: u32,
    [offset, count]: [u32; 2],
    e: [u32; 4],
    destination: &mut [u32],
    updated: impl Fn(u32, u32) -> u32,
) {
    let m = [0, 1, 2, 3].map(|lane| if offset.wrapping_add(lane) < count { 0xffff } else { 0 });
    let odd = slot & 1;
    let pairs = |n: [u32; 4]| {
        if odd == 1 { [n[0] << 16, n[1] | n[2] << 16, n[3]] } else { [n[0] | n[1] << 16, n[2] | n[3] << 16, 0] }
    };
    let words = [slot, slot.wrapping_add(2 - odd), slot.wrapping_add(3)].map(|slot| slot / 2);
    for ((word, bits), mask) in words.into_iter().zip(pairs(e)).zip(pairs(m)) {
        write_word(word, bits, mask, destination, &updated);
    }
}

fn write_word(word: u32, bits: u32, mask: u32, destination: &mut [u32], updated: &impl Fn(u32, u32) -> u32) {
    if mask != 0 {
        let word = &mut destination[word as usize];
        let next = updated(*word & 0xffff, bits & 0xffff) | updated(*word >> 16, bits >> 16) << 16;
        *word ^= (*word ^ next) & mask;
    }
}
