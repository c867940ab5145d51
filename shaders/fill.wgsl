// The entry point: every invocation owns one unit of 16 bytes of the destination and makes the elements that lie in it.
// `block_elements` comes from the law's or the type's file, `structured` from the structure's, `write_unit` and SLOTS from
// unit_*.wgsl.

fn add_64(a: vec2<u32>, b: u32) -> vec2<u32> {
    let low = a.x + b;
    return vec2<u32>(low, a.y + select(0u, 1u, low < b));
}

// Four elements from index `element` on. Where units begin inside a block, they are the end of one block and the
// beginning of the next.
fn quad(element: vec2<u32>) -> vec4<u32> {
    let block = vec2<u32>((element.x >> 2u) | (element.y << 30u), element.y >> 2u);
    let first = block_elements(block);
    if !SHIFTED {
        return first;
    }
    // Slots before element 0 have indices just below 2^64: their blocks wrap to block 0 after 2^62 - 1.
    let next = add_64(block, 1u);
    let second = block_elements(vec2<u32>(next.x, next.y & 0x3fffffffu));
    switch element.x & 3u {
        case 1u: { return vec4<u32>(first.yzw, second.x); }
        case 2u: { return vec4<u32>(first.zw, second.xy); }
        case 3u: { return vec4<u32>(first.w, second.xyz); }
        default: { return first; }
    }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    let slot = (id.x + id.y * params.row) * SLOTS;
    if slot < params.tail && slot + SLOTS > params.head {
        write_unit(slot, add_64(params.origin, slot));
    }
}
