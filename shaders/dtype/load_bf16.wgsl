// The number that a bf16 element is: the upper half of an f32.
fn decode(bits: u32) -> f32 {
    return bitcast<f32>(bits << 16u);
}
