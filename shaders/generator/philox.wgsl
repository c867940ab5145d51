// Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
// Four words for a 128-bit counter under a 64-bit key. `mul_wide` comes from mul_wide_u32.wgsl or mul_wide_u64.wgsl.

const PHILOX_M = vec2<u32>(0xD2511F53u, 0xCD9E8D57u);
const PHILOX_W = vec2<u32>(0x9E3779B9u, 0xBB67AE85u);

fn philox_round(counter: Word4, key: vec2<u32>) -> Word4 {
    let p = mul_wide(PHILOX_M.x, counter.x);
    let q = mul_wide(PHILOX_M.y, counter.z);
    return Word4(q.y ^ counter.y ^ Word(key.x), q.x, p.y ^ counter.w ^ Word(key.y), p.x);
}

// Written out: a loop would get a bound check that keeps drivers from unrolling it.
fn philox(counter: Word4, key: vec2<u32>) -> Word4 {
    var state = philox_round(counter, key);
    state = philox_round(state, key + PHILOX_W);
    state = philox_round(state, key + PHILOX_W * 2u);
    state = philox_round(state, key + PHILOX_W * 3u);
    state = philox_round(state, key + PHILOX_W * 4u);
    state = philox_round(state, key + PHILOX_W * 5u);
    state = philox_round(state, key + PHILOX_W * 6u);
    state = philox_round(state, key + PHILOX_W * 7u);
    state = philox_round(state, key + PHILOX_W * 8u);
    return philox_round(state, key + PHILOX_W * 9u);
}
