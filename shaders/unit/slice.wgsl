// Where the elements of a slice come from. They are runs of view.x elements; view.y runs stand view.z elements apart in
// the tensor, view.w such groups view_count apart, and any number of these block.x apart. The slice's first element is
// element `origin` of the tensor, the first that is written has the number block.y.

fn sum_64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
    let low = a.x + b.x;
    return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < b.x));
}

// n / d for numbers below 2^31, as a processor divides vectors of them: its own division goes number by number. The
// first quotient is wrong by 2^10 at most, the second by 1.
fn quotient(n: u32, d: u32) -> u32 {
    let divisor = f32(i32(d));
    let first = i32(f32(i32(n)) / divisor);
    let left = i32(n) - first * i32(d);
    let second = i32(floor(f32(left) / divisor));
    let rest = left - second * i32(d);
    return u32(first + second + select(0, 1, rest >= i32(d)) - select(0, 1, rest < 0));
}

// Index in the tensor of the first element of a run.
fn source(run: u32) -> vec2<u32> {
    let group = quotient(run, params.view.y);
    let outer = quotient(group, params.view.w);
    let inside = sum_64(params.origin, mul_wide(run - group * params.view.y, params.view.z));
    return sum_64(sum_64(inside, mul_wide(group - outer * params.view.w, params.view_count)), mul_wide(outer, params.block.x));
}

// The four elements of a block: a range of their own, which begins at element 4 `block` of the tensor.
fn block_of(block: vec2<u32>) -> vec4<u32> {
    let origin = params.origin;
    let own = params.block;
    params.origin = vec2<u32>(block.x << 2u, (block.y << 2u) | (block.x >> 30u));
    params.block = block;
    let made = structured(0u);
    params.origin = origin;
    params.block = own;
    return made;
}
