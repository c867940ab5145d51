// One f64 for every element: 1 stands for it until it is written, 0 for no element.

fn block_elements(block: vec2<u32>) -> vec4<u32> {
    return vec4<u32>(1u);
}

fn widen(number: u32) -> vec2<u32> {
    return vec2<u32>(params.pattern, params.pattern_high) * number;
}
