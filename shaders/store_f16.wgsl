// f16 elements: rounded to nearest even. For |x| that rounds to a finite f16.
fn encode(x: f32) -> u32 {
    return ((bitcast<u32>(x) >> 16u) & 0x8000u) | small_float(x, 15u, 10u);
}
