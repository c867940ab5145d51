// From standard samples to the bits of elements: scale, centre, bounds, rounding.
// `standard_block` comes from the law's file, `encode` from the type's.

fn sample(standard: Real) -> Word {
    var x = params.scale * standard;
    if CENTRED {
        x = barrier(x) + params.centre;
    }
    if BOUNDED {
        x = min(max(x, Real(params.low)), Real(params.high));
    }
    return encode(x);
}

// The elements that a block's words make, or two pairs of words of any blocks.
fn word_elements(words: Word4) -> Word4 {
    let z = standard_block(words);
    return Word4(sample(z.x), sample(z.y), sample(z.z), sample(z.w));
}

fn block_elements(block: Word2) -> Word4 {
    return word_elements(block_words(block));
}
