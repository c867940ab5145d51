//! Mirror of `shaders/update/blend.wgsl`: an element x becomes keep · x + its sample.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::law::portable_math::barrier;

/// The smallest magnitude, 2^-103, of two f32 numbers whose sum is 0 or normal: it is at least the smaller's last
/// place.
pub const LEAST_SUMMAND: f32 = f32::MIN_POSITIVE * (1 << 23) as f32;
/// Two f32 numbers of at least this magnitude, 2^-102, have no subnormal sum, which some devices flush to 0; nor if one
/// of them has lost its last place.
pub const LEAST_TERM: f32 = 2.0 * LEAST_SUMMAND;
/// Two f32 numbers of at most this magnitude, 2^126, have a finite sum.
pub const MOST_TERM: f32 = f32::from_bits((127 + 126) << 23);

/// The finite numbers of a type: the shader's constants MAGNITUDE, LARGEST_BITS and LARGEST.
#[derive(Clone, Copy, Debug)]
pub struct Finite {
    /// All bits of an element but the sign.
    pub magnitude: u32,
    /// The bits of the largest finite value; greater magnitudes are infinite or no numbers.
    pub largest_bits: u32,
    /// That value.
    pub largest: f32,
}

#[inline]
fn term(x: f32, least: f32, most: f32) -> f32 {
    if x.abs() < least { 0.0 } else { x.clamp(-most, most) }
}

/// The element's new bits.
#[inline]
pub fn updated(
    params: &Params,
    finite: Finite,
    (decode, encode): (impl Fn(u32) -> f32, impl Fn(f32) -> u32),
    old: u32,
    sample: u32,
) -> u32 {
    if old & finite.magnitude > finite.largest_bits {
        return old;
    }
    let kept = barrier(params.keep * term(decode(old), params.least, params.limit));
    let sum = kept + term(decode(sample), LEAST_TERM, MOST_TERM);
    if sum == 0.0 { 0 } else { encode(sum.clamp(-finite.largest, finite.largest)) }
}
