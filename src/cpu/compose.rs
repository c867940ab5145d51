//! Mirror of `Kernel::files`: where the shaders' text is composed, functions are composed here, so that every pair of law
//! and type becomes a loop of its own.

use crate::arithmetic::dtype::{
    load_bf16, load_f8_e4m3, load_f8_e5m2, load_f16, load_f32, store_bf16, store_f8_e4m3, store_f8_e5m2, store_f16,
    store_f32, store_f64,
};
use crate::arithmetic::law::{
    bits, constant, constant_64, gather, listed, listed_64, normal, normal_native, quantile, sample, uniform, wave,
};
use crate::arithmetic::matrix::{blocks, dense, diagonal, masked, other_rows, sparse, toeplitz};
use crate::arithmetic::update::{blend, range, replace, view};
use crate::dtype::DType;
use crate::law::Kind;
use crate::plan::Params;
use crate::plan::kernel::Kernel;
use crate::request::structure::StructureKind;
use crate::request::update::UpdateKind;

/// What is done with a kernel's `block_elements`.
pub(crate) trait Body {
    fn run(self, block_elements: impl Fn([u32; 2]) -> [u32; 4]);
}

/// The words of a 64-bit element with these bits.
pub(crate) fn widen(kernel: Kernel, params: &Params, table: &[u32], bits: u32) -> [u32; 2] {
    match kernel.kind {
        Kind::Constant => constant_64::widen(params, bits),
        Kind::Listed => listed_64::widen(table, bits),
        _ => store_f64::widen(bits),
    }
}

/// Whether a structure that masks keeps the element at (row, column).
pub(crate) fn keeps(kernel: Kernel, params: &Params, place: [u32; 2]) -> bool {
    match kernel.structure {
        StructureKind::Diagonal => diagonal::keeps(params, place),
        StructureKind::Blocks => blocks::keeps(params, place),
        StructureKind::OtherRows => other_rows::keeps(params, place),
        StructureKind::Sparse => sparse::keeps(params, place),
        StructureKind::Dense | StructureKind::Toeplitz => true,
    }
}

/// Four elements from a slot on, as the structure has them.
pub(crate) fn structured(
    kernel: Kernel,
    params: &Params,
    index: u32,
    quad: impl Fn(u32) -> [u32; 4],
    block_elements: &impl Fn([u32; 2]) -> [u32; 4],
) -> [u32; 4] {
    match kernel.structure {
        StructureKind::Dense => dense::structured(index, quad),
        StructureKind::Toeplitz => toeplitz::structured(params, index, block_elements),
        _ => masked::structured(params, index, quad, |place| keeps(kernel, params, place)),
    }
}

/// Whether the element in a slot is written.
#[inline]
pub(crate) fn writes(kernel: Kernel, params: &Params, slot: u32) -> bool {
    match kernel.update {
        UpdateKind::Fill => range::writes(params, slot),
        UpdateKind::Replace | UpdateKind::Blend => view::writes(params, slot),
    }
}

/// What an element with the bits `old` becomes.
#[inline]
pub(crate) fn updated(kernel: Kernel, params: &Params, old: u32, sample: u32) -> u32 {
    if kernel.update != UpdateKind::Blend {
        return replace::updated(old, sample);
    }
    macro_rules! blended {
        ($load:ident, $store:ident) => {
            blend::updated(params, kernel.dtype, ($load::decode, $store::encode), old, sample)
        };
    }
    match kernel.dtype {
        DType::F16 => blended!(load_f16, store_f16),
        DType::BF16 => blended!(load_bf16, store_bf16),
        DType::F8E4M3 => blended!(load_f8_e4m3, store_f8_e4m3),
        DType::F8E5M2 => blended!(load_f8_e5m2, store_f8_e5m2),
        // Others have no arithmetic.
        DType::F32 | DType::F64 | DType::U32 => blended!(load_f32, store_f32),
    }
}

/// Runs `body` with the `block_elements` of `kernel`.
pub(crate) fn compose(kernel: Kernel, params: &Params, table: &[u32], body: impl Body) {
    match kernel.kind {
        Kind::Constant if kernel.dtype.size() == 8 => body.run(constant_64::block_elements),
        Kind::Constant => body.run(|block| constant::block_elements(params, block)),
        Kind::Bits => body.run(|block| bits::block_elements(params, block)),
        Kind::Uniform => typed(kernel, params, uniform::standard_block, body),
        Kind::Normal => typed(kernel, params, normal::standard_block, body),
        Kind::NormalNative => typed(kernel, params, normal_native::standard_block, body),
        Kind::Quantile => {
            let (table, bits): (&[[f32; 4]], _) = (bytemuck::cast_slice(table), params.segment_bits);
            typed(kernel, params, |words| quantile::standard_block(table, bits, words), body);
        }
        Kind::Listed if kernel.dtype.size() == 8 => body.run(|block| listed_64::block_elements(params, block)),
        Kind::Listed => body.run(|block| listed::block_elements(params, table, block)),
        Kind::Wave => {
            let (waves, encode) = (bytemuck::cast_slice(table), encode(kernel.dtype));
            body.run(|block| wave::block_elements(params, waves, encode, block));
        }
        Kind::Gather => {
            let (components, encode) = (bytemuck::cast_slice(table), encode(kernel.dtype));
            body.run(|block| gather::block_elements(params, components, encode, block));
        }
    }
}

/// A sample's bits in the type, where the choice need not be made for each type's loop of its own.
pub(crate) fn encode(dtype: DType) -> fn(f32) -> u32 {
    match dtype {
        DType::F32 | DType::U32 => store_f32::encode,
        DType::F16 => store_f16::encode,
        DType::BF16 => store_bf16::encode,
        DType::F64 => store_f64::encode,
        DType::F8E4M3 => store_f8_e4m3::encode,
        DType::F8E5M2 => store_f8_e5m2::encode,
    }
}

fn typed(kernel: Kernel, params: &Params, standard_block: impl Fn([u32; 4]) -> [f32; 4], body: impl Body) {
    let law = standard_block;
    match kernel.dtype {
        DType::F32 | DType::U32 => {
            body.run(|block| sample::block_elements(kernel, params, &law, store_f32::encode, block));
        }
        DType::F16 => body.run(|block| sample::block_elements(kernel, params, &law, store_f16::encode, block)),
        DType::BF16 => body.run(|block| sample::block_elements(kernel, params, &law, store_bf16::encode, block)),
        DType::F64 => body.run(|block| sample::block_elements(kernel, params, &law, store_f64::encode, block)),
        DType::F8E4M3 => {
            body.run(|block| sample::block_elements(kernel, params, &law, store_f8_e4m3::encode, block));
        }
        DType::F8E5M2 => {
            body.run(|block| sample::block_elements(kernel, params, &law, store_f8_e5m2::encode, block));
        }
    }
}
