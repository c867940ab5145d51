// Four blocks of elements of 16 bits, whose pieces lie one after the other in the destination, or begin a word where
// they do not. So do their words: only the first and the last may be shared with other invocations, and are written as
// block_16.wgsl does it.

// The first word, which is written last.
var<private> first: u32;
var<private> first_bits: u32;
// The word that is not complete: its low half, if that is there already.
var<private> word: u32;
var<private> half: u32;
var<private> halves: u32;

fn write_blocks(a: Piece, b: Piece, c: Piece, d: Piece, e: Word4) {
    var slot = select(0u, first_slot(d), d.count > 0u);
    slot = select(slot, first_slot(c), c.count > 0u);
    slot = select(slot, first_slot(b), b.count > 0u);
    slot = select(slot, first_slot(a), a.count > 0u);
    word = slot / 2u;
    first = word;
    halves = slot & 1u;
    let low = e.x | (e.y << Word(16u));
    let high = e.z | (e.w << Word(16u));
    append(a, low.x, high.x);
    append(b, low.y, high.y);
    append(c, low.z, high.z);
    append(d, low.w, high.w);
    let is_first = word == first;
    let own = select(0u, 0xffff0000u, !is_first) | select(0u, 0xffffu, (slot & 1u) == 0u && (!is_first || halves > 0u));
    write_word(first, select(first_bits, half, is_first), own);
    write_word(word, half, select(0u, 0xffffu, !is_first && halves > 0u));
}

// Elements of a block that lie before its run.
fn skipped(p: Piece) -> u32 {
    return select(0u, 0u - p.offset, p.offset > 0xfffffffbu);
}

fn first_slot(p: Piece) -> u32 {
    return p.slot + skipped(p);
}

fn append(p: Piece, low: u32, high: u32) {
    let skip = skipped(p);
    let count = select(min(4u - skip, p.count - (p.offset + skip)), 0u, p.count == 0u);
    word = select(word, first_slot(p) / 2u, count > 0u && halves == 0u);
    // Without those before the run.
    let even = select(vec2<u32>(low, high), vec2<u32>(high, 0u), skip >= 2u);
    let v = select(even, vec2<u32>((even.x >> 16u) | (even.y << 16u), even.y >> 16u), (skip & 1u) == 1u);
    // After the half that is there.
    let t = select(
        vec3<u32>(v, 0u),
        vec3<u32>(half | (v.x << 16u), (v.x >> 16u) | (v.y << 16u), v.y >> 16u),
        halves == 1u,
    );
    let present = count + halves;
    if present >= 2u && word != first {
        atomicStore(&destination[word], t.x);
    }
    if present >= 4u {
        atomicStore(&destination[word + 1u], t.y);
    }
    first_bits = select(first_bits, t.x, word == first && present >= 2u);
    half = select(select(t.x, t.y, present >= 2u), t.z, present >= 4u) & 0xffffu;
    word += present / 2u;
    halves = present & 1u;
}
