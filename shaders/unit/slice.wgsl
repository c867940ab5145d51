// Where the elements of a slice come from. They are runs of view.x elements; view.y runs stand view.z elements apart in
// the tensor, view.w such groups view_count apart, and any number of these block.x apart. The slice's first element is
// element `origin` of the tensor, the first that is written has the number block.y.

fn sum_64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
    let low = a.x + b.x;
    return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < b.x));
}

// Index in the tensor of the first element of a run.
fn source(run: u32) -> vec2<u32> {
    let group = run / given.view.y;
    let outer = group / given.view.w;
    let inside = sum_64(given.origin, mul_wide(run - group * given.view.y, given.view.z));
    return sum_64(sum_64(inside, mul_wide(group - outer * given.view.w, given.view_count)), mul_wide(outer, given.block.x));
}

// The four elements of a block: a range of their own, which begins at element 4 `block` of the tensor.
fn block_of(block: vec2<u32>) -> vec4<u32> {
    params.origin = vec2<u32>(block.x << 2u, (block.y << 2u) | (block.x >> 30u));
    params.block = block;
    return structured(0u);
}
