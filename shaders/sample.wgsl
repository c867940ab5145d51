// From standard samples to the bits of elements: scale, centre, bounds, rounding.
// `standard_block` comes from the law's file, `encode` from the type's.

fn sample(standard: f32) -> u32 {
    var x = params.scale * standard;
    if CENTRED {
        x = barrier(x) + params.centre;
    }
    if BOUNDED {
        x = min(max(x, params.low), params.high);
    }
    return encode(x);
}

fn block_elements(block: vec2<u32>) -> vec4<u32> {
    let z = standard_block(philox(vec4<u32>(block, params.stream), params.key));
    return vec4<u32>(sample(z.x), sample(z.y), sample(z.z), sample(z.w));
}
