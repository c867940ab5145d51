// Elements of a slice whose runs are whole blocks.

// Elements of the four slots from 4 `index` on.
fn elements(index: u32) -> vec4<u32> {
    return block_of(first_block(index));
}
