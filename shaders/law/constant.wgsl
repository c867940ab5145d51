// One bit pattern for every element.

fn block_elements(block: vec2<u32>) -> vec4<u32> {
    return vec4<u32>(params.pattern);
}
