// Elements of a slice whose runs are whole blocks, so that any four that are together in the destination are one.

// Elements of the four slots from 4 `index` on.
fn elements(index: u32) -> vec4<u32> {
    let number = 4u * index - params.head + params.block.y;
    let run = quotient(number, params.view.x);
    let first = add_64(source(run), number - run * params.view.x);
    return block_of(vec2<u32>((first.x >> 2u) | (first.y << 30u), first.y >> 2u));
}
