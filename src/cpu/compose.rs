//! Mirror of `Kernel::files`: where the shaders' text is composed, functions are composed here, so that every pair of
//! law and type becomes a loop of its own.

use crate::arithmetic::dtype::store_f64;
use crate::arithmetic::generator::params::Params;
use crate::arithmetic::law::{
    bits, constant, constant_64, gather, listed, listed_64, normal, normal_native, quantile, sample,
    symmetric_quantile, uniform, wave,
};
use crate::arithmetic::matrix::{blocks, dense, diagonal, masked, other_rows, sparse, toeplitz};
use crate::arithmetic::update::blend::{self, Finite};
use crate::arithmetic::update::{range, replace, view};
use crate::dtype::{DType, by_type};
use crate::plan::{Kernel, Kind, Selection, StructureKind, UpdateKind};

/// What is done with a kernel's `block_elements`.
pub(super) trait Body {
    fn run(self, block_elements: impl Fn([u32; 2]) -> [u32; 4]);
}

/// The words of a 64-bit element with these bits.
pub(super) fn widen(kernel: Kernel, params: &Params, table: &[u32], bits: u32) -> [u32; 2] {
    match kernel.kind() {
        Kind::Constant => constant_64::widen(params, bits),
        Kind::Listed => listed_64::widen(table, bits),
        _ => store_f64::widen(bits),
    }
}

/// Whether a structure that masks keeps the element at (row, column).
pub(super) fn keeps(kernel: Kernel, params: &Params, place: [u32; 2]) -> bool {
    match kernel.structure() {
        StructureKind::Diagonal => diagonal::keeps(params, place),
        StructureKind::Blocks => blocks::keeps(params, place),
        StructureKind::OtherRows => other_rows::keeps(params, place),
        StructureKind::Sparse => sparse::keeps(params, place),
        StructureKind::Dense | StructureKind::Toeplitz => true,
    }
}

/// Four elements from a slot on, as the structure has them.
pub(super) fn structured(
    kernel: Kernel,
    params: &Params,
    index: u32,
    quad: impl Fn(u32) -> [u32; 4],
    block_elements: &impl Fn([u32; 2]) -> [u32; 4],
) -> [u32; 4] {
    match kernel.structure() {
        StructureKind::Dense => dense::structured(index, quad),
        StructureKind::Toeplitz => toeplitz::structured(params, index, block_elements),
        _ => masked::structured(params, index, quad, |place| keeps(kernel, params, place)),
    }
}

/// Whether the element in a slot is written.
#[inline]
pub(super) fn writes(kernel: Kernel, params: &Params, slot: u32) -> bool {
    match kernel.update() {
        // Slices have no views.
        _ if kernel.selection() != Selection::Range => range::writes(params, slot),
        UpdateKind::Fill => range::writes(params, slot),
        UpdateKind::Replace | UpdateKind::Blend => view::writes(params, slot),
    }
}

/// What an element with the bits `old` becomes.
#[inline]
pub(super) fn updated(kernel: Kernel, params: &Params, old: u32, sample: u32) -> u32 {
    if kernel.update() != UpdateKind::Blend {
        return replace::updated(old, sample);
    }
    let dtype = kernel.dtype();
    let finite =
        Finite { magnitude: dtype.magnitude_bits(), largest_bits: dtype.largest_bits(), largest: dtype.max() as f32 };
    by_type!(dtype, |store, load| blend::updated(params, finite, (load::decode, store::encode), old, sample))
}

/// Runs `body` with the `block_elements` of `kernel`.
pub(super) fn compose(kernel: Kernel, params: &Params, table: &[u32], body: impl Body) {
    let is_wide = kernel.dtype().size() == 8;
    match kernel.kind() {
        Kind::Constant if is_wide => body.run(constant_64::block_elements),
        Kind::Constant => body.run(|block| constant::block_elements(params, block)),
        Kind::Bits => body.run(|block| bits::block_elements(params, block)),
        Kind::Uniform => typed(kernel, params, uniform::standard_block, body),
        Kind::Normal => typed(kernel, params, normal::standard_block, body),
        Kind::NormalNative => typed(kernel, params, normal_native::standard_block, body),
        Kind::Quantile => {
            let (table, bits): (&[[f32; 4]], _) = (bytemuck::cast_slice(table), params.segment_bits);
            typed(kernel, params, |words| quantile::standard_block(table, bits, words), body);
        }
        Kind::SymmetricQuantile => {
            let (table, middle) = (bytemuck::cast_slice(table), f32::from_bits(params.pattern));
            typed(kernel, params, |words| symmetric_quantile::standard_block(table, middle, words), body);
        }
        Kind::Listed if is_wide => body.run(|block| listed_64::block_elements(params, block)),
        Kind::Listed => body.run(|block| listed::block_elements(params, table, block)),
        Kind::Wave => {
            let (waves, encode) = (bytemuck::cast_slice(table), encode(kernel.dtype()));
            body.run(|block| wave::block_elements(params, waves, encode, block));
        }
        Kind::Gather => {
            let (components, encode) = (bytemuck::cast_slice(table), encode(kernel.dtype()));
            body.run(|block| gather::block_elements(params, components, encode, block));
        }
    }
}

/// A sample's bits in the type, where the choice need not be made for each type's loop of its own.
pub(super) fn encode(dtype: DType) -> fn(f32) -> u32 {
    by_type!(dtype, |store, _load| store::encode)
}

fn typed(kernel: Kernel, params: &Params, standard_block: impl Fn([u32; 4]) -> [f32; 4], body: impl Body) {
    let (options, law) = (kernel.options(), standard_block);
    by_type!(kernel.dtype(), |store, _load| {
        body.run(|block| sample::block_elements(options, params, &law, store::encode, block));
    });
}
