//! Mirror of `shaders/sample.wgsl`: from standard samples to the bits of elements.

use super::portable_math::barrier;
use crate::law::Sampler;

/// Scale, centre and bounds, then the type's rounding.
#[inline]
pub fn sample(params: &Sampler, encode: impl Fn(f32) -> u32, standard: f32) -> u32 {
    let mut x = params.scale * standard;
    if params.is_centred() {
        x = barrier(x) + params.centre;
    }
    if let Some((low, high)) = params.bounds {
        x = x.max(low).min(high);
    }
    encode(x)
}
