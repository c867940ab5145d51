// The generator's words as they are.

fn block_elements(block: Word2) -> Word4 {
    return block_words(block);
}
