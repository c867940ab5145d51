//! Fused instructions in a driver's assembly.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// An instruction that multiplies and adds.
#[derive(Debug, PartialEq)]
pub(crate) struct Fused {
    /// With the literal that a factor's register holds, where it is one.
    pub(crate) text: String,
    /// Whether a factor is a power of two: then there is nothing to round in the product.
    pub(crate) exact: bool,
}

/// Beginnings of the names of such instructions. Of these `mad` and `mac`, which GCN has, round the product, and would
/// be harmless; but nothing promises that a driver takes them.
const NAMES: [&str; 5] = ["fma", "mad", "mac", "dot", "div_fmas"];

/// A register: of vectors or scalars, and its number.
type Register = (char, u32);

/// The fused instructions of `assembly`, in their order.
pub(crate) fn fused(assembly: &str) -> Vec<Fused> {
    let mut literals = HashMap::new();
    // RDNA 3 issues two instructions at a time.
    assembly.lines().flat_map(|line| line.split("::")).filter_map(|text| instruction(text, &mut literals)).collect()
}

/// Looks at one instruction, given the registers that hold literals: those that were written last, further up, by a
/// move or by what makes a constant in fewer bytes than one.
/// A compiler that keeps a constant in a register writes it once, above all its uses.
fn instruction<'a>(text: &'a str, literals: &mut HashMap<Register, Cow<'a, str>>) -> Option<Fused> {
    let code = text.split(';').next().unwrap_or_default().trim();
    let (name, operands) = code.split_once(char::is_whitespace)?;
    let operands: Vec<_> = operands.split(',').map(str::trim).collect();
    // The destination, two factors, and a term where the destination is not the term.
    let fused = is_fused(name).then(|| {
        let factors: Vec<_> = operands.iter().skip(1).take(2).collect();
        let held = |factor: &&str| registers(factor).and_then(|range| literals.get(&(range.0, *range.1.start())));
        let notes = factors.iter().filter_map(|factor| held(factor).map(|literal| format!(" ; {factor} = {literal}")));
        Fused {
            text: notes.fold(code.to_owned(), |text, note| text + &note),
            exact: factors.iter().any(|factor| is_power_of_two(held(factor).map_or(factor, |literal| literal))),
        }
    });
    // Sums with a carry have two destinations.
    for operand in operands.iter().take(if name.contains("_co_") { 2 } else { 1 }) {
        if let Some((kind, numbers)) = registers(operand) {
            numbers.for_each(|number| _ = literals.remove(&(kind, number)));
        }
    }
    if let Some((kind, numbers)) = registers(operands[0])
        && let Some(literal) = constant(name, &operands[1..])
    {
        literals.insert((kind, *numbers.start()), literal);
    }
    fused
}

/// The constant that an instruction makes: moved, reversed, or a mask by its width and place.
fn constant<'a>(name: &str, operands: &[&'a str]) -> Option<Cow<'a, str>> {
    let bits = |value: u32| Cow::Owned(format!("{value:#x}"));
    match operands {
        [literal] if name.contains("_mov_b32") && registers(literal).is_none() => Some(Cow::Borrowed(literal)),
        [literal] if name == "s_brev_b32" => literal.parse::<u32>().ok().map(|value| bits(value.reverse_bits())),
        [width, place] if name == "s_bfm_b32" => {
            let (width, place) = (width.parse::<u32>().ok()?, place.parse::<u32>().ok()?);
            Some(bits((1u32.checked_shl(width)? - 1).checked_shl(place)?))
        }
        _ => None,
    }
}

fn is_fused(name: &str) -> bool {
    let Some(bare) = name.strip_prefix("v_").or_else(|| name.strip_prefix("s_")) else { return false };
    let bare = ["dual_", "pk_"].iter().fold(bare, |name, prefix| name.strip_prefix(prefix).unwrap_or(name));
    let floats = ["f16", "f32", "f64"].iter().any(|kind| bare.contains(kind));
    floats && NAMES.iter().any(|name| bare.starts_with(name))
}

/// The registers that an operand is: `v7`, `s[4:5]`.
fn registers(operand: &str) -> Option<(char, RangeInclusive<u32>)> {
    let kind = operand.chars().next().filter(|kind| matches!(kind, 's' | 'v'))?;
    let numbers = &operand[1..];
    let (first, last) = match numbers.strip_prefix('[').and_then(|range| range.strip_suffix(']')) {
        Some(range) => range.split_once(':')?,
        None => (numbers, numbers),
    };
    Some((kind, first.parse().ok()?..=last.parse().ok()?))
}

fn is_power_of_two(operand: &str) -> bool {
    let value = match operand.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(f32::from_bits),
        // Decimals are floats, whole numbers are bits.
        None => operand.parse().ok().filter(|_| operand.contains('.')),
    };
    value.is_some_and(|value| value.is_normal() && value.to_bits() & 0x7f_ffff == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each instruction that multiplies and adds, and whether its product is exact.
    fn found(assembly: &str) -> Vec<(String, bool)> {
        fused(assembly).into_iter().map(|fused| (fused.text, fused.exact)).collect()
    }

    #[test]
    fn products_by_powers_of_two_are_exact() {
        for (code, exact) in [
            ("v_fmac_f32_e32 v11, 0x2f800000, v9", true),
            ("v_fmac_f32_e32 v11, 0x2f800001, v9", false),
            ("v_fma_f32 v0, v1, 0.5, v2", true),
            ("v_fma_f32 v0, v1, 1.5, v2", false),
            // Whole numbers are subnormal floats; a power of two that is added changes nothing.
            ("v_fma_f32 v0, v1, 2, v2", false),
            ("v_fmaak_f32 v0, v1, v2, 0x2f800000", false),
            ("v_fmamk_f32 v0, v1, 0x2f800000, v2", true),
            ("v_pk_fma_f32 v[0:1], v[2:3], v[4:5], v[6:7]", false),
            ("v_fma_mix_f32 v0, v1, v2, v3", false),
            ("v_mad_f32 v0, v1, v2, v3", false),
        ] {
            assert_eq!(found(&format!("\t{code} ; 56181022")), [(code.to_owned(), exact)]);
        }
    }

    #[test]
    fn other_instructions_are_not_fused() {
        let others = "BB7:\n\tv_mad_u32_u24 v0, v1, v2, v3\n\tv_mad_u64_u32 v[0:1], s[4:5], v2, v3, 0\n\ts_endpgm\n\
                      \tv_mul_f32_e32 v0, v1, v2\n\tv_cvt_f32_u32_e32 v0, v1";
        assert_eq!(found(others), []);
    }

    #[test]
    fn constants_are_followed_through_registers() {
        let kept = "s_mov_b32 s34, 0x2f800000\n v_add_f32 v1, s34, v2\n v_fmac_f32 v12, s34, v8";
        assert_eq!(found(kept), [("v_fmac_f32 v12, s34, v8 ; s34 = 0x2f800000".to_owned(), true)]);
        for (making, literal) in [("s_brev_b32 s34, 44", "0x34000000"), ("s_bfm_b32 s34, 1, 29", "0x20000000")] {
            let made = format!("{making}\n v_fmaak_f32 v3, s34, v3, 0xbf7fffff");
            assert_eq!(found(&made), [(format!("v_fmaak_f32 v3, s34, v3, 0xbf7fffff ; s34 = {literal}"), true)]);
        }
        for overwriting in ["s_mov_b32 s34, s3", "s_load_dwordx4 s[32:35], s[0:1], 0", "v_add_co_u32 v1, s34, v2, v3"] {
            let overwritten = format!("s_mov_b32 s34, 0x2f800000\n {overwriting}\n v_fmac_f32 v12, s34, v8");
            assert_eq!(found(&overwritten), [("v_fmac_f32 v12, s34, v8".to_owned(), false)]);
        }
    }

    #[test]
    fn two_at_a_time_are_two() {
        let pair = "v_dual_mul_f32 v0, v1, v2 :: v_dual_fmac_f32 v3, v4, v5";
        assert_eq!(found(pair), [("v_dual_fmac_f32 v3, v4, v5".to_owned(), false)]);
    }
}
