// The number that an f32 element is.
fn decode(bits: u32) -> f32 {
    return bitcast<f32>(bits);
}
