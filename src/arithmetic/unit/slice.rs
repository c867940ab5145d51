//! Mirror of `shaders/unit/slice.wgsl`: where the elements of a slice come from.

use crate::arithmetic::generator::mul_wide_u64::mul_wide;
use crate::arithmetic::generator::params::Params;

#[inline]
fn sum_64(a: [u32; 2], b: [u32; 2]) -> [u32; 2] {
    let low = a[0].wrapping_add(b[0]);
    [low, a[1].wrapping_add(b[1]).wrapping_add(u32::from(low < b[0]))]
}

/// `n / d` for numbers below 2^31.
#[inline]
pub(crate) fn quotient(n: u32, d: u32) -> u32 {
    n / d
}

/// Index in the tensor of the first element of a run.
#[inline]
pub(crate) fn source(params: &Params, run: u32) -> [u32; 2] {
    let group = quotient(run, params.view[1]);
    let outer = quotient(group, params.view[3]);
    let inside = sum_64(params.origin, mul_wide(run - group * params.view[1], params.view[2]));
    let groups = mul_wide(group - outer * params.view[3], params.view_count);
    sum_64(sum_64(inside, groups), mul_wide(outer, params.block[0]))
}

/// The four elements of a block: a range of their own, which begins at element `4 block` of the tensor.
#[inline]
pub(crate) fn block_of(params: &Params, block: [u32; 2], structured: &impl Fn(&Params, u32) -> [u32; 4]) -> [u32; 4] {
    let origin = [block[0] << 2, (block[1] << 2) | (block[0] >> 30)];
    structured(&Params { origin, block, ..*params }, 0)
}
