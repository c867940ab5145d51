// Where the elements of a slice come from. They are runs of view.x elements, view.z elements apart in the tensor, and
// view.y apart in the destination. Or they are NESTED: view.y runs stand view.z apart, view.w such groups view_count
// apart, and any number of these block.x apart, and lie together in the destination. The slice's first element is
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

// a * b, by 16-bit halves: mul_wide_u32.wgsl says how.
fn product(a: u32, b: u32) -> vec2<u32> {
    let low = (a & 0xffffu) * (b & 0xffffu);
    let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
    let cross = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
    let high = (a >> 16u) * (b >> 16u) + (middle >> 16u) + (cross >> 16u);
    return vec2<u32>((cross << 16u) | (low & 0xffffu), high);
}

// Index in the tensor of the first element of a run; there are no groups where slices are not NESTED.
fn source(run: u32) -> vec2<u32> {
    if !NESTED {
        return sum_64(params.origin, product(run, params.view.z));
    }
    let group = quotient(run, params.view.y);
    let outer = quotient(group, params.view.w);
    let inside = sum_64(params.origin, product(run - group * params.view.y, params.view.z));
    let groups = product(group - outer * params.view.w, params.view_count);
    return sum_64(sum_64(inside, groups), product(outer, params.block.x));
}
