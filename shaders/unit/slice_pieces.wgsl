// Pieces of a slice of any runs: what a run has of one of the blocks that it touches.

struct Piece {
    block: vec2<u32>,  // the block's number
    slot: u32,         // where its first element goes, or would
    offset: u32,       // that element's place in the run: a large number where it lies before it
    count: u32,        // elements of the run, as far as it is written; 0 for no piece
}

// How many blocks a run touches at most, or so many elements of it: all runs begin at the same lane if the distances
// between them are whole blocks.
fn most_blocks(count: u32) -> u32 {
    if params.view.x <= count && ((params.view.z | params.view_count | params.block.x) & 3u) == 0u {
        return ((params.origin.x & 3u) + params.view.x + 3u) / 4u;
    }
    return (min(params.view.x, count) + 6u) / 4u;
}

// The piece with this number, from the first run that is written on.
fn piece(item: u32) -> Piece {
    let start = params.block.y;
    let end = start + (params.tail - params.head);
    let blocks = most_blocks(end - start);
    let later = quotient(item, blocks);
    let run = quotient(start, params.view.x) + later;
    let first = max(run * params.view.x, start);
    let tail = min((run + 1u) * params.view.x, end);
    let index = add_64(source(run), first - run * params.view.x);
    let block = item - later * blocks;
    let offset = 4u * block - (index.x & 3u);
    let exists = first < tail && (block == 0u || offset < tail - first);
    let number = add_64(vec2<u32>((index.x >> 2u) | (index.y << 30u), index.y >> 2u), block);
    return Piece(number, params.head + (first - start) + offset, offset, select(0u, tail - first, exists));
}
