// The entry point: every invocation owns one unit of 16 bytes of the destination and makes the elements that lie in it.
// `block_elements` comes from the law's or the type's file, `structured` from the structure's, `write_unit` and SLOTS from
// unit_*.wgsl.

// Samples of the four slots from 4 `index` on. Where units begin inside a block, they are the end of one block and the
// beginning of the next. All blocks of a dispatch have the same upper word, so that most of two rounds of Philox is the same
// for all invocations.
fn quad(index: u32) -> vec4<u32> {
    let block = params.block.x + index;
    let first = block_elements(vec2<u32>(block, params.block.y));
    if !SHIFTED {
        return first;
    }
    let second = block_elements(vec2<u32>(block + 1u, params.block.y));
    switch params.origin.x & 3u {
        case 1u: { return vec4<u32>(first.yzw, second.x); }
        case 2u: { return vec4<u32>(first.zw, second.xy); }
        case 3u: { return vec4<u32>(first.w, second.xyz); }
        default: { return first; }
    }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    params = given;
    let unit = id.x + (id.y * params.row + params.head / SLOTS);
    if unit < (params.tail + SLOTS - 1u) / SLOTS {
        write_unit(unit);
    }
}
