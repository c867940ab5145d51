//! Mirror of `shaders/fill.wgsl`: which block and lane each element of the destination takes.
//!
//! The shader's invocations each own 16 bytes; here one loop owns a run of elements. What an element holds is the same:
//! lane `i % 4` of block `i / 4`.

use super::{normal, normal_native, philox, quantile, sample, store_bf16, store_f16, store_f32, uniform};
use crate::dtype::DType;
use crate::fill::Fill;
use crate::law::Kind;

/// Fills `out` with the elements from `first` on, whatever their place in their block.
pub(super) fn fill(fill: &Fill, first: u64, out: &mut [u8]) {
    match fill.dtype() {
        DType::F32 | DType::U32 => with_encode::<4>(fill, first, out, store_f32::encode),
        DType::F16 => with_encode::<2>(fill, first, out, store_f16::encode),
        DType::BF16 => with_encode::<2>(fill, first, out, store_bf16::encode),
    }
}

/// Chooses the law's blocks, so that each pair of law and type becomes a loop of its own.
fn with_encode<const SIZE: usize>(fill: &Fill, first: u64, out: &mut [u8], encode: impl Fn(f32) -> u32 + Copy) {
    let (key, [stream_low, stream_high], params) = (fill.key(), fill.stream_words(), fill.sampler());
    let words = |block: u64| philox::philox([block as u32, (block >> 32) as u32, stream_low, stream_high], key);
    let samples = |standard: [f32; 4]| standard.map(|z| sample::sample(params, encode, z));
    let table = params.table.as_ref().map_or(&[][..], |table| table.coefficients());
    match params.kind {
        Kind::Constant => write::<SIZE>(first, out, |_| [params.pattern; 4]),
        Kind::Bits => write::<SIZE>(first, out, words),
        Kind::Uniform => write::<SIZE>(first, out, |block| samples(uniform::standard_block(words(block)))),
        Kind::Normal => write::<SIZE>(first, out, |block| samples(normal::standard_block(words(block)))),
        Kind::NormalNative => write::<SIZE>(first, out, |block| samples(normal_native::standard_block(words(block)))),
        Kind::Quantile => write::<SIZE>(first, out, |block| samples(quantile::standard_block(table, words(block)))),
    }
}

/// Writes the low `SIZE` bytes of each lane: a part of the first block, whole blocks, a part of the last one.
fn write<const SIZE: usize>(first: u64, out: &mut [u8], block_elements: impl Fn(u64) -> [u32; 4]) {
    let skipped = (first % 4) as usize;
    let head = if skipped == 0 { 0 } else { (4 - skipped).min(out.len() / SIZE) };
    let (head, body) = out.split_at_mut(head * SIZE);
    let put = |out: &mut [u8], lanes: &[u32]| {
        for (element, lane) in out.chunks_exact_mut(SIZE).zip(lanes) {
            element.copy_from_slice(&lane.to_le_bytes()[..SIZE]);
        }
    };
    put(head, &block_elements(first / 4)[skipped..]);
    let mut block = first.div_ceil(4);
    let (whole, rest) = body.split_at_mut(body.len() / (4 * SIZE) * (4 * SIZE));
    for out in whole.chunks_exact_mut(4 * SIZE) {
        put(out, &block_elements(block));
        block += 1;
    }
    if !rest.is_empty() {
        put(rest, &block_elements(block));
    }
}
