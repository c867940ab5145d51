// As slice_runs_batch.wgsl for runs of RUN elements, five at most: four runs at a time, each of which lies in two
// blocks at most, or in one if runs are IN_BLOCK. A pair of words makes two samples, and before it does, the pairs are
// picked that have some of the run: the first of them is the block's first or second. `first_run` and `write_runs` come
// from short_*_batch.wgsl.

// Index in the tensor of the first element of a run, by that of the run before it.
fn following(index: vec2<u32>, run: u32) -> vec2<u32> {
    if NESTED {
        return source(run);
    }
    return sum_64(index, vec2<u32>(params.view.z, 0u));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    params = given;
    let run = first_run() + 4u * (id.x + id.y * params.row);
    let s = source(run);
    // Not from the one before: there may be none.
    let t = source(run + 1u);
    let u = following(t, run + 2u);
    let v = following(u, run + 3u);
    let low = Word(s.x, t.x, u.x, v.x);
    let high = Word(s.y, t.y, u.y, v.y);
    let first = (low >> Word(2u)) | (high << Word(30u));
    let a = block_words(Word2(first, high >> Word(2u)));
    var b = a;
    if !IN_BLOCK {
        let next = first + Word(1u);
        b = block_words(Word2(next, (high >> Word(2u)) + select(Word(0u), Word(1u), next == Word(0u))));
    }
    let late = (low & Word(2u)) != Word(0u);
    let pair = Word2(select(a.x, a.z, late), select(a.y, a.w, late));
    let e = word_elements(Word4(pair.x, pair.y, select(a.z, b.x, late), select(a.w, b.y, late)));
    // The third pair, of which no shorter run has an element; the other one is there already.
    var last = Word2();
    if RUN > 3u {
        let more = word_elements(Word4(select(b.x, b.z, late), select(b.y, b.w, late), pair.x, pair.y));
        last = Word2(more.x, more.y);
    }
    if EVEN {
        write_runs(run, e, last.x);
    } else {
        let odd = (low & Word(1u)) != Word(0u);
        let low_two = Word2(select(e.x, e.y, odd), select(e.y, e.z, odd));
        let high_two = Word2(select(e.z, e.w, odd), select(e.w, last.x, odd));
        write_runs(run, Word4(low_two.x, low_two.y, high_two.x, high_two.y), select(last.x, last.y, odd));
    }
}
