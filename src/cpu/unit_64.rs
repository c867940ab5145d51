//! Mirror of `shaders/unit_64.wgsl`: a unit of 32 bytes as four elements of 64 bits.

use super::compose::writes;
use crate::plan::Params;
use crate::shaders::Kernel;

/// Elements of a unit.
pub(super) const SLOTS: u32 = 4;

/// Writes those elements of the unit at `slot` that lie in the range.
pub(super) fn write_unit(
    kernel: Kernel,
    params: &Params,
    slot: u32,
    element: [u32; 2],
    destination: &mut [u32],
    structured: impl Fn([u32; 2]) -> [u32; 4],
    widen: impl Fn(u32) -> [u32; 2],
) {
    for (slot, bits) in (slot..).zip(structured(element)) {
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
