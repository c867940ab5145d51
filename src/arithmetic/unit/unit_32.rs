//! Mirror of `shaders/unit/unit_32.wgsl`: a unit of 16 bytes as four elements of 32 bits.

use crate::cpu::compose::{updated, writes};
use crate::plan::Params;
use crate::plan::kernel::Kernel;

/// Elements of a unit.
const SLOTS: u32 = 4;

/// Writes those elements of the unit that lie in the range.
pub(crate) fn write_unit(
    kernel: Kernel,
    params: &Params,
    unit: u32,
    destination: &mut [u32],
    structured: impl Fn(u32) -> [u32; 4],
) {
    let slot = unit * SLOTS;
    for (slot, bits) in (slot..).zip(structured(unit)) {
        write_slot(kernel, params, slot, bits, destination);
    }
}

fn write_slot(kernel: Kernel, params: &Params, slot: u32, bits: u32, destination: &mut [u32]) {
    if writes(kernel, params, slot) {
        let word = &mut destination[slot as usize];
        *word = updated(kernel, params, *word, bits);
    }
}
