//! Mirror of `shaders/update/blend.wgsl`: an element x becomes keep · x + its sample.

use crate::arithmetic::law::portable_math::barrier;
use crate::dtype::DType;
use crate::plan::Params;
use crate::request::update::{LEAST_TERM, MOST_TERM};

#[inline]
fn term(x: f32, least: f32, most: f32) -> f32 {
    if x.abs() < least { 0.0 } else { x.clamp(-most, most) }
}

/// The element's new bits.
#[inline]
pub(crate) fn updated(
    params: &Params,
    dtype: DType,
    (decode, encode): (impl Fn(u32) -> f32, impl Fn(f32) -> u32),
    old: u32,
    sample: u32,
) -> u32 {
    if old & dtype.magnitude_bits() > dtype.largest_bits() {
        return old;
    }
    let kept = barrier(params.keep * term(decode(old), params.least, params.limit));
    let sum = kept + term(decode(sample), LEAST_TERM, MOST_TERM);
    let largest = dtype.max() as f32;
    if sum == 0.0 { 0 } else { encode(sum.clamp(-largest, largest)) }
}
