// An element x becomes params.keep * x + its sample, rounded once to f32 and once to the type, saturated at the type's
// largest value. What is no finite number stays as it is. `decode` comes from load_*.wgsl, `encode` from store_*.wgsl.

fn term(x: f32, least: f32, most: f32) -> f32 {
    return select(clamp(x, -most, most), 0.0, abs(x) < least);
}

fn updated(old: u32, sample: u32) -> u32 {
    if (old & MAGNITUDE) > LARGEST_BITS {
        return old;
    }
    let kept = barrier(params.keep * term(decode(old), params.least, params.limit));
    let sum = kept + term(decode(sample), LEAST_TERM, MOST_TERM);
    return select(encode(clamp(sum, -LARGEST, LARGEST)), 0u, sum == 0.0);
}
