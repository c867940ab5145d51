// As unit_16.wgsl where the range is whole units: one store, and nobody shares a unit.

@group(0) @binding(1) var<storage, read_write> destination: array<vec4<u32>>;

const SLOTS = 8u;

fn write_unit(unit: u32) {
    let e = elements(2u * unit);
    let f = elements(2u * unit + 1u);
    destination[unit] = vec4<u32>(e.x | (e.y << 16u), e.z | (e.w << 16u), f.x | (f.y << 16u), f.z | (f.w << 16u));
}
