//! Mirror of `shaders/law/cos_sin.wgsl`: cosine and sine in portable arithmetic.

use crate::arithmetic::law::coefficients::{COS, SIN};
use crate::arithmetic::law::portable_math::{barrier, mul_add};

/// (cos, sin) of π/2 t, |t| < 1/2.
#[inline]
pub fn cos_sin(t: f32) -> [f32; 2] {
    let z = barrier(t * t);
    let mut c = mul_add(COS[3], z, COS[2]);
    c = mul_add(c, z, COS[1]);
    c = mul_add(c, z, COS[0]);
    let mut s = mul_add(SIN[3], z, SIN[2]);
    s = mul_add(s, z, SIN[1]);
    s = mul_add(s, z, SIN[0]);
    [c, barrier(s * t)]
}
