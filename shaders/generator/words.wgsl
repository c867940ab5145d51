// The generator's words of a block.

fn block_words(block: vec2<u32>) -> Word4 {
    let counter = Word4(blocks_from(block.x), Word(block.y), Word(params.stream.x), Word(params.stream.y));
    return philox(counter, params.key);
}
