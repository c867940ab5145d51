//! Mirror of `shaders/fill.wgsl`: what one invocation does.

use super::compose::{structured, widen};
use super::{unit_8, unit_16, unit_32, unit_64};
use crate::plan::Params;
use crate::shaders::Kernel;

/// `a + b` for a 64-bit number as (low, high), modulo 2^64.
#[inline]
pub(super) fn add_64(a: [u32; 2], b: u32) -> [u32; 2] {
    let low = a[0].wrapping_add(b);
    [low, a[1].wrapping_add(u32::from(low < b))]
}

/// Four elements from index `element` on.
#[inline]
pub(super) fn quad(kernel: Kernel, element: [u32; 2], block_elements: &impl Fn([u32; 2]) -> [u32; 4]) -> [u32; 4] {
    let block = [(element[0] >> 2) | (element[1] << 30), element[1] >> 2];
    let first = block_elements(block);
    if !kernel.shifted {
        return first;
    }
    let next = add_64(block, 1);
    let second = block_elements([next[0], next[1] & 0x3fff_ffff]);
    match element[0] & 3 {
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
    let slot = (id[0] + id[1] * params.row) * slots;
    if slot < params.tail && slot + slots > params.head {
        let element = add_64(params.origin, slot);
        let quad = |element| quad(kernel, element, block_elements);
        let structured = |element| structured(kernel, params, element, quad, block_elements);
        match kernel.dtype.size() {
            1 => unit_8::write_unit(kernel, params, slot, element, destination, structured),
            2 => unit_16::write_unit(kernel, params, slot, element, destination, structured),
            4 => unit_32::write_unit(kernel, params, slot, element, destination, structured),
            _ => unit_64::write_unit(kernel, params, slot, element, destination, structured, |bits| {
                widen(kernel, params, table, bits)
            }),
        }
    }
}
