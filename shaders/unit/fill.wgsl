// The entry point: every invocation owns one unit of the destination and makes the elements that lie in it.
// `write_unit` and SLOTS come from unit_*.wgsl.

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    params = given;
    let unit = id.x + (id.y * params.row + params.head / SLOTS);
    if unit < (params.tail + SLOTS - 1u) / SLOTS {
        write_unit(unit);
    }
}
