// The 64-bit product of a word and a word by 16-bit halves, for devices without 64-bit integers: (low, high).
fn mul_wide(a: u32, b: Word) -> Word2 {
    let a_low = a & 0xffffu;
    let a_high = a >> 16u;
    let b_low = b & Word(0xffffu);
    let b_high = b >> Word(16u);
    let low = a_low * b_low;
    // Neither sum overflows: (2^16 - 1)^2 + (2^16 - 1) < 2^32.
    let middle = a_high * b_low + (low >> Word(16u));
    let cross = a_low * b_high + (middle & Word(0xffffu));
    let high = a_high * b_high + (middle >> Word(16u)) + (cross >> Word(16u));
    // Not a * b: on many GPUs a product of 32 bits takes four times as long as one of 16.
    return Word2((cross << Word(16u)) | (low & Word(0xffffu)), high);
}
