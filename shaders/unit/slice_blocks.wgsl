// The blocks of a slice whose runs are whole blocks, so that any four elements that are together in the destination are
// one.

// The block of the slots from 4 `index` on.
fn first_block(index: u32) -> vec2<u32> {
    let number = 4u * index - params.head + params.block.y;
    let run = quotient(number, params.view.x);
    let first = add_64(source(run), number - run * params.view.x);
    return vec2<u32>((first.x >> 2u) | (first.y << 30u), first.y >> 2u);
}
