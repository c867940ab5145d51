//! The constants of the portable transforms: one definition, from which the shaders' text is made too.
//!
//! The polynomials are fitted by `scripts/make/fit_polynomials.py`. In exact arithmetic they are off by 1.9e-8 (LOG,
//! relative to the squared radius), 5.0e-9 (SIN) and 4.8e-8 (COS); in f32 the radius is within 1.062 · 2^-22 of the one
//! in f64 over all radius words, and every sample within 1.468 · 2^-22 · r over all pairs of words (docs/accuracy.md).

/// 2 ln(1 + f) / f on [√½ − 1, √2 − 1], lowest power first.
pub(crate) const LOG: [f32; 9] =
    [2.0, -0.99999833, 0.666684, -0.50011444, 0.39912924, -0.33006006, 0.29828286, -0.29366088, 0.18287261];
/// sin(π/2 t) / t in powers of t², |t| ≤ 1/2.
#[expect(clippy::approx_constant, reason = "a fitted coefficient")]
pub(crate) const SIN: [f32; 4] = [1.5707963, -0.64596105, 0.079659864, -0.0045541655];
/// cos(π/2 t) in powers of t², |t| ≤ 1/2.
pub(crate) const COS: [f32; 4] = [1.0, -1.2336987, 0.25361645, -0.02045513];
/// 2 ln 2.
pub(crate) const TWO_LN_2: f32 = 2.0 * std::f32::consts::LN_2;
/// √½ · 2^32: mantissas above it are closer to 2^32 than to 2^31.
pub(crate) const SQRT_HALF: u32 = 0xB504_F333;
/// Minus half the bits of x plus this are the bits of a first guess at 1/√x (within 3.5 %).
pub(crate) const SQRT_MAGIC: u32 = 0x5f37_59df;
/// 2^-16.
pub(crate) const EXP2_MINUS_16: f32 = 1.0 / (1u32 << 16) as f32;
/// 2^-23.
pub(crate) const EXP2_MINUS_23: f32 = 1.0 / (1u32 << 23) as f32;
/// 2^-24.
pub(crate) const EXP2_MINUS_24: f32 = 1.0 / (1u32 << 24) as f32;
/// 2^-25.
pub(crate) const EXP2_MINUS_25: f32 = 1.0 / (1u32 << 25) as f32;
/// 2^-32.
pub(crate) const EXP2_MINUS_32: f32 = 1.0 / (1u64 << 32) as f32;
/// π/2^24.
pub(crate) const PI_OVER_2_24: f32 = std::f32::consts::PI / (1u32 << 24) as f32;

/// The first of the 2^24 odd numbers of 2^-24 between −1 and 1.
pub(crate) const FIRST_POSITION: f32 = EXP2_MINUS_24 - 1.0;

/// The constants as WGSL, of the types of shaders/generator/one_block.wgsl or shaders/generator/four_blocks.wgsl.
pub(crate) fn wgsl() -> String {
    let floats = [
        ("TWO_LN_2", TWO_LN_2),
        ("EXP2_MINUS_16", EXP2_MINUS_16),
        ("EXP2_MINUS_23", EXP2_MINUS_23),
        ("EXP2_MINUS_24", EXP2_MINUS_24),
        ("EXP2_MINUS_25", EXP2_MINUS_25),
        ("EXP2_MINUS_32", EXP2_MINUS_32),
        ("PI_OVER_2_24", PI_OVER_2_24),
        ("FIRST_POSITION", FIRST_POSITION),
    ];
    let words = [("SQRT_HALF", SQRT_HALF), ("SQRT_MAGIC", SQRT_MAGIC)];
    let polynomials = [("LOG", &LOG[..]), ("SIN", &SIN[..]), ("COS", &COS[..])];
    // Rust prints the shortest decimal that reads back as the same f32, which WGSL must round correctly.
    let float = |name: &str, value: f32| format!("const {name} = Real({value:e}f);\n");
    let named = floats.iter().map(|&(name, value)| float(name, value));
    let integers = words.iter().map(|(name, value)| format!("const {name} = Word({value:#x}u);\n"));
    let powers = polynomials.iter().flat_map(|(name, coefficients)| {
        coefficients.iter().enumerate().map(move |(power, &value)| float(&format!("{name}_{power}"), value))
    });
    named.chain(integers).chain(powers).collect()
}
