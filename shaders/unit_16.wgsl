// A unit of 16 bytes as eight elements of 16 bits, two to a word, the first in the low half.

@group(0) @binding(1) var<storage, read_write> destination: array<u32>;

const SLOTS = 8u;

fn write_unit(slot: u32, element: vec2<u32>) {
    let e = structured(element);
    let f = structured(add_64(element, 4u));
    let word = slot / 2u;
    if slot >= params.head && slot + SLOTS <= params.tail {
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
    let low = select(0u, 0xffffu, slot >= params.head && slot < params.tail);
    let high = select(0u, 0xffff0000u, slot + 1u >= params.head && slot + 1u < params.tail);
    let mask = low | high;
    if mask != 0u {
        destination[slot / 2u] = (destination[slot / 2u] & ~mask) | (bits & mask);
    }
}
