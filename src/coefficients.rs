//! The constants of the portable transforms: one definition, from which the shaders' text is made too.
//!
//! The polynomials are fitted by `scripts/fit_polynomials.py`, which says how far they are off.

/// 2 ln(1 + f) / f on [√½ − 1, √2 − 1], lowest power first.
pub(crate) const LOG: [f32; 9] = [2.0, -1.0, 0.6666667, -0.5, 0.4, -0.33333334, 0.2857143, -0.25, 0.22222222];
/// sin(π/2 t) / t in powers of t², |t| ≤ 1/2.
pub(crate) const SIN: [f32; 4] = [1.5707964, -0.6459641, 0.07969263, -0.0046817535];
/// cos(π/2 t) in powers of t², |t| ≤ 1/2.
pub(crate) const COS: [f32; 4] = [1.0, -1.2337006, 0.2536695, -0.020863481];
/// 2 ln 2.
pub(crate) const TWO_LN_2: f32 = 2.0 * std::f32::consts::LN_2;
/// √½ · 2^32: mantissas above it are closer to 2^32 than to 2^31.
pub(crate) const SQRT_HALF: u32 = 0xB504_F333;
/// Minus half the bits of x plus this are the bits of a first guess at 1/√x (within 3.5 %).
pub(crate) const SQRT_MAGIC: u32 = 0x5f37_59df;
/// 2^-24.
pub(crate) const EXP2_MINUS_24: f32 = 1.0 / (1u32 << 24) as f32;
/// 2^-25.
pub(crate) const EXP2_MINUS_25: f32 = 1.0 / (1u32 << 25) as f32;
/// 2^-32.
pub(crate) const EXP2_MINUS_32: f32 = 1.0 / (1u64 << 32) as f32;
/// π/2^24.
pub(crate) const PI_OVER_2_24: f32 = std::f32::consts::PI / (1u32 << 24) as f32;

/// The constants as WGSL.
pub(crate) fn wgsl() -> String {
    let floats = [
        ("TWO_LN_2", TWO_LN_2),
        ("EXP2_MINUS_24", EXP2_MINUS_24),
        ("EXP2_MINUS_25", EXP2_MINUS_25),
        ("EXP2_MINUS_32", EXP2_MINUS_32),
        ("PI_OVER_2_24", PI_OVER_2_24),
    ];
    let words = [("SQRT_HALF", SQRT_HALF), ("SQRT_MAGIC", SQRT_MAGIC)];
    let polynomials = [("LOG", &LOG[..]), ("SIN", &SIN[..]), ("COS", &COS[..])];
    // Rust prints the shortest decimal that reads back as the same f32, which WGSL must round correctly.
    let float = |name: &str, value: f32| format!("const {name}: f32 = {value:e}f;\n");
    let named = floats.iter().map(|&(name, value)| float(name, value));
    let integers = words.iter().map(|(name, value)| format!("const {name}: u32 = {value:#x}u;\n"));
    let powers = polynomials.iter().flat_map(|(name, coefficients)| {
        coefficients.iter().enumerate().map(move |(power, &value)| float(&format!("{name}_{power}"), value))
    });
    named.chain(integers).chain(powers).collect()
}
