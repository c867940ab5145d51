// Cosine and sine in portable arithmetic. Coefficients come from scripts/make/fit_polynomials.py by way of
// src/arithmetic/law/coefficients.rs.

// (cos, sin) of pi/2 t, |t| < 1/2. SIN: sin(pi/2 t) / t, COS: cos(pi/2 t), both in t^2.
fn cos_sin(t: Real) -> Real2 {
    let z = barrier(t * t);
    var c = mul_add(COS_3, z, COS_2);
    c = mul_add(c, z, COS_1);
    c = mul_add(c, z, COS_0);
    var s = mul_add(SIN_3, z, SIN_2);
    s = mul_add(s, z, SIN_1);
    s = mul_add(s, z, SIN_0);
    return Real2(c, barrier(s * t));
}
