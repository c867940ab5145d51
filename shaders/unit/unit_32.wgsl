// A unit of 16 bytes as four elements of 32 bits.

@group(0) @binding(1) var<storage, read_write> destination: array<u32>;

const SLOTS = 4u;

fn write_unit(unit: u32) {
    let slot = unit * SLOTS;
    let e = elements(unit);
    if !UPDATES && slot >= params.head && slot + SLOTS <= params.tail {
        destination[slot] = e.x;
        destination[slot + 1u] = e.y;
        destination[slot + 2u] = e.z;
        destination[slot + 3u] = e.w;
    } else {
        write_slot(slot, e.x);
        write_slot(slot + 1u, e.y);
        write_slot(slot + 2u, e.z);
        write_slot(slot + 3u, e.w);
    }
}

fn write_slot(slot: u32, bits: u32) {
    if writes(slot) {
        destination[slot] = updated(destination[slot], bits);
    }
}
