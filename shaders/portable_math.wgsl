// f32 arithmetic with the same bits on every device.
//
// WGSL lets a driver fuse a*b + c into one rounding and reassociate products and sums. What it may not do is look
// through integer operations on a value that it does not know. So every inexact product or sum passes `barrier` before
// it enters an operation that could swallow it: a product before a sum or a product, a sum before a sum.

// x, opaque to the compiler: params.zero is 0 at run time.
fn barrier(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) ^ params.zero);
}

// x/2 for an x well above the least normal number: exact, and a barrier, since it is an integer that changes.
fn halved(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) - 0x800000u);
}

// a*b + c in two roundings.
fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    return barrier(a * b) + c;
}

// The 25-bit integer with sign from a word's upper bits, made odd: never 0, symmetric about 0, exact in f32.
fn odd_integer(word: u32) -> f32 {
    return f32((bitcast<i32>(word) >> 7u) | 1);
}
