//! Mirror of `shaders/unit/unit_64.wgsl`: a unit of 32 bytes as four elements of 64 bits.

use crate::cpu::compose::writes;
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
    widen: impl Fn(u32) -> [u32; 2],
) {
    let slot = unit * SLOTS;
    for (slot, bits) in (slot..).zip(structured(unit)) {
        write_slot(kernel, params, slot, bits, destination, &widen);
    }
}

fn write_slot(
    kernel: Kernel,
    params: &Params,
    slot: u32,
    bits: u32,
    destination: &mut [u32],
    widen: &impl Fn(u32) -> [u32; 2],
) {
    if writes(kernel, params, slot) {
        destination[2 * slot as usize..][..2].copy_from_slice(&widen(bits));
    }
}
