// The generator's words of a block.

fn block_words(block: Word2) -> Word4 {
    let counter = Word4(block.x, block.y, Word(params.stream.x), Word(params.stream.y));
    return philox(counter, params.key);
}
