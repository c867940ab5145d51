// f32 arithmetic with the same bits on every device.
//
// WGSL lets a driver fuse a*b + c into one rounding and reassociate products and sums. What it may not do is look
// through integer operations on a value that it does not know. So every inexact product or sum passes `barrier` before
// it enters an operation that could swallow it: a product before a sum or a product, a sum before a sum.

// x, opaque to the compiler: params.zero is 0 at run time.
fn barrier(x: Real) -> Real {
    return bitcast<Real>(bitcast<Word>(x) ^ Word(params.zero));
}

// x/2 for an x well above the least normal number: exact, and a barrier, since it is an integer that changes.
fn halved(x: Real) -> Real {
    return bitcast<Real>(bitcast<Word>(x) - 0x800000u);
}

// a*b + c in two roundings.
fn mul_add(a: Real, b: Real, c: Real) -> Real {
    return barrier(a * b) + c;
}

// The 25-bit integer with sign from a word's upper bits, made odd: never 0, symmetric about 0, exact in f32.
fn odd_integer(word: Word) -> Real {
    return Real((bitcast<Int>(word) >> Word(7u)) | Int(1));
}
