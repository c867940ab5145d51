// One f64 for every element: its words are parameters, whatever the element's own bits.
fn widen(bits: u32) -> vec2<u32> {
    return vec2<u32>(params.pattern, params.pattern_high);
}
