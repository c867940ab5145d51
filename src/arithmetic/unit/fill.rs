//! Mirror of `shaders/unit/fill.wgsl`: what one invocation does.

use crate::arithmetic::unit::quad::quad;
use crate::arithmetic::unit::{unit_8, unit_16, unit_32, unit_64};
use crate::cpu::compose::{structured, widen};
use crate::plan::Params;
use crate::plan::kernel::Kernel;

/// The entry point for one invocation; `id` is its place in x and y.
pub(crate) fn fill(
    kernel: Kernel,
    params: &Params,
    table: &[u32],
    id: [u32; 2],
    destination: &mut [u32],
    block_elements: &impl Fn([u32; 2]) -> [u32; 4],
) {
    let slots = kernel.unit() as u32;
    // A batch is several of the units that other kernels have.
    let units = slots / Kernel { batched: false, ..kernel }.unit() as u32;
    let unit = id[0] + (id[1] * params.row + params.head / slots);
    if unit < params.tail.div_ceil(slots) {
        let quad = |index| quad(kernel, params, index, block_elements);
        let structured = |index| structured(kernel, params, index, quad, block_elements);
        for unit in units * unit..units * (unit + 1) {
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
}
