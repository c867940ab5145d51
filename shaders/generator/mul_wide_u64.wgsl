// The 64-bit product of a word and a word, for devices with SHADER_INT64: (low, high). `Wide` is `Word` in 64 bits.
fn mul_wide(a: u32, b: Word) -> Word2 {
    let product = Wide(u64(a)) * Wide(b);
    return Word2(Word(product), Word(product >> Word(32u)));
}
