// The generator's words as they are.

fn block_elements(block: vec2<u32>) -> vec4<u32> {
    return philox(vec4<u32>(block, params.stream), params.key);
}
