// bf16 elements: the upper half of the f32, rounded to nearest even. For finite x.
fn encode(x: Real) -> Word {
    let bits = bitcast<Word>(x);
    return (bits + 0x7fffu + ((bits >> Word(16u)) & Word(1u))) >> Word(16u);
}
