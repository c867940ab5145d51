//! The elements of a group of units, from their words to their bytes.

use bytemuck::{Pod, bytes_of, cast_slice};

use super::level::Level;
use super::vectors::{Numbers, Vectors, Words};
use crate::arithmetic::dtype::store_f64::widen;
use crate::arithmetic::generator::params::Params;
use crate::dtype::{DType, by_type};
use crate::plan::{Kernel, Kind};

/// Bytes of the largest.
pub(super) const LARGEST: usize = 1 << 10;

/// Whether this is the way to the kind's samples.
pub(in crate::cpu) fn takes(kind: Kind) -> bool {
    matches!(kind, Kind::Bits | Kind::Uniform | Kind::Normal | Kind::NormalNative)
        || matches!(kind, Kind::Quantile | Kind::SymmetricQuantile)
}

/// Stores the elements that words of even and of odd lanes make. Which ones is decided for each group anew, so that
/// kinds and types are compiled once, and not each for each.
#[inline(always)]
pub(super) fn store<L: Level, const UNITS: usize>(
    v: Vectors<L, UNITS>,
    kernel: Kernel,
    (params, table): (&Params, &[u32]),
    words: [Words<L, UNITS>; 2],
    out: &mut [u8],
) {
    let [even, odd] = match kernel.kind() {
        Kind::Uniform => [v.odd_integers(words[0]), v.odd_integers(words[1])],
        Kind::Normal => v.box_muller(words[0], words[1]),
        Kind::NormalNative => v.native_box_muller(words[0], words[1]),
        Kind::Quantile => {
            let (table, bits) = (cast_slice(table), params.segment_bits);
            [v.quantiles(table, bits, words[0]), v.quantiles(table, bits, words[1])]
        }
        Kind::SymmetricQuantile => {
            let (table, middle) = (cast_slice(table), f32::from_bits(params.pattern));
            [v.symmetric_quantiles(table, middle, words[0]), v.symmetric_quantiles(table, middle, words[1])]
        }
        _ => return put(&join(v, words[0], words[1]), out),
    };
    let (even, odd) = (sample(v, kernel, params, even), sample(v, kernel, params, odd));
    match kernel.dtype() {
        DType::F16 => put(&join_short(v, v.f16_bits(even), v.f16_bits(odd)), out),
        DType::BF16 => put(&join_short(v, v.bf16_bits(even), v.bf16_bits(odd)), out),
        dtype => {
            let elements = join(v, v.transmute_u32s_f32s(even), v.transmute_u32s_f32s(odd));
            match dtype {
                DType::F64 => {
                    for (&bits, out) in cast_slice(elements.as_flattened()).iter().zip(out.as_chunks_mut().0) {
                        let [low, high] = widen(bits);
                        *out = (u64::from(low) | u64::from(high) << 32).to_le_bytes();
                    }
                }
                // There are no instructions for these, so that a loop over the mirror is as good.
                DType::F8E4M3 | DType::F8E5M2 => by_type!(dtype, |store, _load| {
                    for (&x, out) in cast_slice(elements.as_flattened()).iter().zip(out) {
                        *out = store::encode(x) as u8;
                    }
                }),
                _ => put(&elements, out),
            }
        }
    }
}

/// Samples from standard ones.
#[inline(always)]
fn sample<L: Level, const UNITS: usize>(
    v: Vectors<L, UNITS>,
    kernel: Kernel,
    params: &Params,
    standard: Numbers<L, UNITS>,
) -> Numbers<L, UNITS> {
    let mut x = v.mul_f32s(v.number(params.scale), standard);
    if kernel.options().centred {
        x = v.add_f32s(x, v.number(params.centre));
    }
    if kernel.options().bounded {
        x = v.min_f32s(v.max_f32s(x, v.number(params.low)), v.number(params.high));
    }
    x
}

/// Elements of even and of odd lanes in order.
#[inline(always)]
fn join<L: Level, const UNITS: usize>(
    v: Vectors<L, UNITS>,
    even: Words<L, UNITS>,
    odd: Words<L, UNITS>,
) -> [[L::u32s; 4]; UNITS] {
    let mut elements = [[v.0.splat_u32s(0); 4]; UNITS];
    for unit in 0..UNITS {
        elements[unit] = v.0.join(even[unit], odd[unit]);
    }
    elements
}

/// Likewise of 16 bits each.
#[inline(always)]
fn join_short<L: Level, const UNITS: usize>(
    v: Vectors<L, UNITS>,
    even: Words<L, UNITS>,
    odd: Words<L, UNITS>,
) -> [[L::u32s; 2]; UNITS] {
    let mut elements = v.or_u32s(even, v.shift_left(odd, 16));
    for unit in &mut elements {
        *unit = v.0.join_short(*unit);
    }
    elements
}

/// Stores vectors one after the other.
#[inline(always)]
fn put<V: Pod, const VECTORS: usize, const UNITS: usize>(vectors: &[[V; VECTORS]; UNITS], out: &mut [u8]) {
    // Of a length that the compiler knows.
    let out = &mut out[..size_of_val(vectors)];
    for (vector, out) in vectors.as_flattened().iter().zip(out.chunks_exact_mut(size_of::<V>())) {
        out.copy_from_slice(bytes_of(vector));
    }
}
