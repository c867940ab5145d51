//! Mirror of `Kernel::files`: where the shaders' text is composed, functions are composed here, so that every pair of law
//! and type becomes a loop of its own.

use super::{
    bits, constant, constant_64, normal, normal_native, quantile, sample, store_bf16, store_f8_e4m3, store_f8_e5m2,
    store_f16, store_f32, store_f64, uniform,
};
use crate::dtype::DType;
use crate::law::Kind;
use crate::plan::Params;
use crate::shaders::Kernel;

/// What is done with a kernel's `block_elements`.
pub(super) trait Body {
    fn run(self, block_elements: impl Fn([u32; 2]) -> [u32; 4]);
}

/// The words of a 64-bit element with these bits.
pub(super) fn widen(kernel: Kernel, params: &Params, bits: u32) -> [u32; 2] {
    if kernel.kind == Kind::Constant { constant_64::widen(params, bits) } else { store_f64::widen(bits) }
}

/// Runs `body` with the `block_elements` of `kernel`.
pub(super) fn compose(kernel: Kernel, params: &Params, table: &[[f32; 4]], body: impl Body) {
    match kernel.kind {
        Kind::Constant => body.run(|block| constant::block_elements(params, block)),
        Kind::Bits => body.run(|block| bits::block_elements(params, block)),
        Kind::Uniform => typed(kernel, params, uniform::standard_block, body),
        Kind::Normal => typed(kernel, params, normal::standard_block, body),
        Kind::NormalNative => typed(kernel, params, normal_native::standard_block, body),
        Kind::Quantile => {
            let bits = params.segment_bits;
            typed(kernel, params, |words| quantile::standard_block(table, bits, words), body);
        }
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
