// Pieces of a slice of any runs: what a run has of one of the blocks that it touches.

struct Piece {
    block: vec2<u32>,  // the block's number
    slot: u32,         // where its first element goes, or would
    offset: u32,       // its place in the run, as far as that is written: a large number where it lies before it
    count: u32,        // elements of the run, as far as it is written; 0 for no piece
}

// The lanes at which runs begin repeat after four runs, unless groups of them lie at odd distances: then a run may
// begin at any.
fn lanes_repeat() -> bool {
    return !NESTED || ((params.view.z | params.view_count | params.block.x) & 3u) == 0u;
}

// The lane at which a run begins, or what it is taken for where it may be any.
fn lane(run: u32, any: u32) -> u32 {
    return select(any, (params.origin.x + run * params.view.z) & 3u, lanes_repeat());
}

// How many blocks a run's first elements touch, at most.
fn blocks_to(run: u32, count: u32) -> u32 {
    return (lane(run, 3u) + count + 3u) / 4u;
}

// Those of four runs, the first of which has a number that is a multiple of four.
fn blocks_of_four() -> vec4<u32> {
    let run = params.view.x;
    return vec4<u32>(blocks_to(0u, run), blocks_to(1u, run), blocks_to(2u, run), blocks_to(3u, run));
}

// Those of the first few of four.
fn blocks_before(blocks: vec4<u32>, few: u32) -> u32 {
    let counted = select(vec4<u32>(), blocks, vec4<u32>(few) > vec4<u32>(0u, 1u, 2u, 3u));
    return counted.x + counted.y + counted.z + counted.w;
}

// The number of the first piece that is written, counted from the first of its four runs on.
fn first_piece(blocks: vec4<u32>, run: u32) -> u32 {
    let place = params.block.y - run * params.view.x;
    return blocks_before(blocks, run & 3u) + (lane(run, 0u) + place) / 4u;
}

// The run of the piece with this number, from the first that is written on, and its block's place in the run.
fn run_and_block(item: u32) -> vec2<u32> {
    let first_run = quotient(params.block.y, params.view.x);
    let blocks = blocks_of_four();
    let all = blocks_before(blocks, 4u);
    let number = first_piece(blocks, first_run) + item;
    let fours = quotient(number, all);
    let rest = number - fours * all;
    let later = select(0u, 1u, rest >= blocks_before(blocks, 1u))
        + select(0u, 1u, rest >= blocks_before(blocks, 2u))
        + select(0u, 1u, rest >= blocks_before(blocks, 3u));
    return vec2<u32>((first_run & 0xfffffffcu) + 4u * fours + later, rest - blocks_before(blocks, later));
}

// What a run has of the block with this place in it.
fn piece(run: u32, block: u32) -> Piece {
    let start = params.block.y;
    let end = start + (params.tail - params.head);
    let first_run = quotient(start, params.view.x);
    let first = max(run * params.view.x, start);
    let before = first - run * params.view.x;
    let count = min((run + 1u) * params.view.x, end) - first;
    let index = source(run);
    let offset = 4u * block - (index.x & 3u) - before;
    let exists = first < end && offset + 3u < count + 3u;
    // From run to run in the destination.
    let pitch = select(params.view.y, params.view.x, NESTED);
    let first_slot = params.head - (start - first_run * params.view.x);
    let slot = first_slot + (run - first_run) * pitch + before;
    let number = add_64(vec2<u32>((index.x >> 2u) | (index.y << 30u), index.y >> 2u), block);
    return Piece(number, slot + offset, offset, select(0u, count, exists));
}
