// The generator's words as they are.

fn word_elements(words: Word4) -> Word4 {
    return words;
}

fn block_elements(block: Word2) -> Word4 {
    return word_elements(block_words(block));
}
