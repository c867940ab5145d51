// All but structure.y elements of each column of structure.x rows: a row is dropped if a random permutation of the rows
// takes it to one of the first structure.y.
//
// The permutation is a Feistel network over pairs (left, right), left < structure.z, right < ceil(rows / structure.z),
// with Philox as its round function: Black and Rogaway, "Ciphers with arbitrary finite domains" (CT-RSA 2002). Pairs
// beyond the last row are walked through. The words' blocks are beyond those of any element.

fn round_word(column: u32, round: u32, half: u32) -> u32 {
    let counter = vec4<u32>(column, 0x80000000u | (round << 16u) | half, params.stream);
    return philox(counter, params.key).x;
}

// A uniform number below `bound`, from a word.
fn below(word: u32, bound: u32) -> u32 {
    return mul_wide(word, bound).y;
}

fn permute(pair: vec2<u32>, bounds: vec2<u32>, column: u32) -> vec2<u32> {
    var next = pair;
    for (var round = 0u; round < params.structure.w; round += 2u) {
        next.x = (next.x + below(round_word(column, round, next.y), bounds.x)) % bounds.x;
        next.y = (next.y + below(round_word(column, round + 1u, next.x), bounds.y)) % bounds.y;
    }
    return next;
}

fn keeps(place: vec2<u32>) -> bool {
    let rows = params.structure.x;
    if place.x >= rows {
        return false;
    }
    let bounds = vec2<u32>(params.structure.z, (rows - 1u) / params.structure.z + 1u);
    var pair = vec2<u32>(place.x / bounds.y, place.x % bounds.y);
    var row = rows;
    while row >= rows {
        pair = permute(pair, bounds, place.y);
        row = pair.x * bounds.y + pair.y;
    }
    return row >= params.structure.y;
}
