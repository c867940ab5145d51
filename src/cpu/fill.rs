//! Mirror of `shaders/fill.wgsl`: what one invocation does.

use super::compose::{structured, widen};
use super::{unit_8, unit_16, unit_32, unit_64};
use crate::plan::Params;
use crate::shaders::Kernel;

/// Samples of the four slots from `4 index` on.
#[inline]
fn quad(kernel: Kernel, params: &Params, index: u32, block_elements: &impl Fn([u32; 2]) -> [u32; 4]) -> [u32; 4] {
    let block = params.block[0].wrapping_add(index);
    let first = block_elements([block, params.block[1]]);
    if !kernel.shifted {
        return first;
    }
    let second = block_elements([block.wrapping_add(1), params.block[1]]);
    match params.origin[0] & 3 {
        1 => [first[1], first[2], first[3], second[0]],
        2 => [first[2], first[3], second[0], second[1]],
        3 => [first[3], second[0], second[1], second[2]],
        _ => first,
    }
}

/// The entry point for one invocation; `id` is its place in x and y.
pub(super) fn fill(
    kernel: Kernel,
    params: &Params,
    table: &[u32],
    id: [u32; 2],
    destination: &mut [u32],
    block_elements: &impl Fn([u32; 2]) -> [u32; 4],
) {
    let slots = match kernel.dtype.size() {
        1 => unit_8::SLOTS,
        2 => unit_16::SLOTS,
        4 => unit_32::SLOTS,
        _ => unit_64::SLOTS,
    };
    let unit = id[0] + (id[1] * params.row + params.head / slots);
    if unit < params.tail.div_ceil(slots) {
        let quad = |index| quad(kernel, params, index, block_elements);
        let structured = |index| structured(kernel, params, index, quad, block_elements);
        match kernel.dtype.size() {
            1 => unit_8::write_unit(kernel, params, unit, destination, structured),
            2 => unit_16::write_unit(kernel, params, unit, destination, structured),
            4 => unit_32::write_unit(kernel, params, unit, destination, structured),
            _ => unit_64::write_unit(kernel, params, unit, destination, structured, |bits| {
                widen(kernel, params, table, bits)
            }),
        }
    }
}
