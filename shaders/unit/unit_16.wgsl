// A unit of 16 bytes as eight elements of 16 bits, two to a word, the first in the low half.

@group(0) @binding(1) var<storage, read_write> destination: array<u32>;

const SLOTS = 8u;

fn write_unit(unit: u32) {
    let slot = unit * SLOTS;
    let e = elements(2u * unit);
    let f = elements(2u * unit + 1u);
    let word = 4u * unit;
    if !UPDATES && slot >= params.head && slot + SLOTS <= params.tail {
        destination[word] = e.x | (e.y << 16u);
        destination[word + 1u] = e.z | (e.w << 16u);
        destination[word + 2u] = f.x | (f.y << 16u);
        destination[word + 3u] = f.z | (f.w << 16u);
    } else {
        write_pair(slot, e.x | (e.y << 16u));
        write_pair(slot + 2u, e.z | (e.w << 16u));
        write_pair(slot + 4u, f.x | (f.y << 16u));
        write_pair(slot + 6u, f.z | (f.w << 16u));
    }
}

// A half outside the range belongs to a neighbour and keeps its bits.
fn write_pair(slot: u32, bits: u32) {
    let low = select(0u, 0xffffu, writes(slot));
    let high = select(0u, 0xffff0000u, writes(slot + 1u));
    let mask = low | high;
    if mask != 0u {
        let old = destination[slot / 2u];
        let first = updated(old & 0xffffu, bits & 0xffffu);
        let second = updated(old >> 16u, bits >> 16u);
        destination[slot / 2u] = (old & ~mask) | ((first | (second << 16u)) & mask);
    }
}
