// The number that an E4M3 element is. For finite ones.
fn decode(bits: u32) -> f32 {
    return bitcast<f32>(((bits & 0x80u) << 24u) | wide_float(bits & 0x7fu, 7u, 3u));
}
