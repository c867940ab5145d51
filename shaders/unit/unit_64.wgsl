// A unit of 32 bytes as four elements of 64 bits. `widen` comes from store_f64.wgsl or constant_64.wgsl.

@group(0) @binding(1) var<storage, read_write> destination: array<u32>;

const SLOTS = 4u;

fn write_unit(unit: u32) {
    let slot = unit * SLOTS;
    let e = elements(unit);
    write_slot(slot, e.x);
    write_slot(slot + 1u, e.y);
    write_slot(slot + 2u, e.z);
    write_slot(slot + 3u, e.w);
}

fn write_slot(slot: u32, bits: u32) {
    if writes(slot) {
        let words = widen(bits);
        destination[2u * slot] = words.x;
        destination[2u * slot + 1u] = words.y;
    }
}
