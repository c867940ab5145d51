// The generator's words as they are.

fn block_elements(block: vec2<u32>) -> Word4 {
    return block_words(block);
}
