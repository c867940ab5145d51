// f32 elements: the sample's own bits.
fn encode(x: f32) -> u32 {
    return bitcast<u32>(x);
}
