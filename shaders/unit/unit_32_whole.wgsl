// As unit_32.wgsl where the range is whole units: one store, and nobody shares a unit.

@group(0) @binding(1) var<storage, read_write> destination: array<vec4<u32>>;

const SLOTS = 4u;

fn write_unit(unit: u32) {
    destination[unit] = elements(unit);
}
