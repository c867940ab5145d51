// f32 elements: the sample's own bits.
fn encode(x: Real) -> Word {
    return bitcast<Word>(x);
}
