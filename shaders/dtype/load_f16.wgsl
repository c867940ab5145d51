// The number that an f16 element is. For finite ones.
fn decode(bits: u32) -> f32 {
    return bitcast<f32>(((bits & 0x8000u) << 16u) | wide_float(bits & 0x7fffu, 15u, 10u));
}
