// f16 elements: rounded to nearest even. For |x| that rounds to a finite f16.
fn encode(x: Real) -> Word {
    return ((bitcast<Word>(x) >> Word(16u)) & Word(0x8000u)) | small_float(x, 15u, 10u);
}
