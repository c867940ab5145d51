// A unit of 16 bytes as sixteen elements of 8 bits, four to a word, the first in the lowest bits.

@group(0) @binding(1) var<storage, read_write> destination: array<u32>;

const SLOTS = 16u;

fn write_unit(unit: u32) {
    let slot = unit * SLOTS;
    write_four(slot, elements(4u * unit));
    write_four(slot + 4u, elements(4u * unit + 1u));
    write_four(slot + 8u, elements(4u * unit + 2u));
    write_four(slot + 12u, elements(4u * unit + 3u));
}

// A byte outside the range belongs to a neighbour and keeps its bits.
fn write_four(slot: u32, e: vec4<u32>) {
    let bits = e.x | (e.y << 8u) | (e.z << 16u) | (e.w << 24u);
    if !UPDATES && slot >= params.head && slot + 4u <= params.tail {
        destination[slot / 4u] = bits;
    } else {
        let mask = byte_mask(slot, 0u) | byte_mask(slot, 1u) | byte_mask(slot, 2u) | byte_mask(slot, 3u);
        if mask != 0u {
            let old = destination[slot / 4u];
            var next = updated(old & 0xffu, e.x) | (updated((old >> 8u) & 0xffu, e.y) << 8u);
            next |= (updated((old >> 16u) & 0xffu, e.z) << 16u) | (updated(old >> 24u, e.w) << 24u);
            destination[slot / 4u] = (old & ~mask) | (next & mask);
        }
    }
}

fn byte_mask(slot: u32, byte: u32) -> u32 {
    return select(0u, 0xffu << (8u * byte), writes(slot + byte));
}
