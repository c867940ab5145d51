//! Mirror of `shaders/unit/slice_runs.wgsl`: elements of a slice of any runs, workgroup by workgroup.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::add_64;
use crate::arithmetic::unit::slice::{block_of, source};

/// Elements of the four slots from `4 index` on, of those that the workgroup shares from `first_slot` on.
#[inline]
pub(crate) fn elements(shared_elements: &[u32], first_slot: u32, index: u32) -> [u32; 4] {
    let slot = (4 * index - first_slot) as usize;
    [0, 1, 2, 3].map(|lane| shared_elements[slot + lane])
}

/// How many blocks so many elements of a run touch at most.
#[inline]
fn most_blocks(given: &Params, count: u32) -> u32 {
    if given.view[0] <= count && (given.view[2] | given.view_count | given.block[0]) & 3 == 0 {
        return ((given.origin[0] & 3) + given.view[0]).div_ceil(4);
    }
    (given.view[0].min(count) + 6) / 4
}

/// Shares what one block of a run has of the elements with the numbers `start` to `end`, of which the first goes to
/// place `place`.
#[inline]
fn share(
    given: &Params,
    [run, block]: [u32; 2],
    [start, end]: [u32; 2],
    place: u32,
    shared_elements: &mut [u32],
    structured: &impl Fn(&Params, u32) -> [u32; 4],
) {
    let first = (run * given.view[0]).max(start);
    let count = ((run + 1) * given.view[0]).min(end) - first;
    let index = add_64(source(given, run), first - run * given.view[0]);
    let offset = (4 * block).wrapping_sub(index[0] & 3);
    if block > 0 && offset >= count {
        return;
    }
    let e = block_of(given, add_64([(index[0] >> 2) | (index[1] << 30), index[1] >> 2], block), structured);
    let slot = (place + (first - start)).wrapping_add(offset);
    for (lane, bits) in (0..).zip(e) {
        if offset.wrapping_add(lane) < count {
            shared_elements[slot.wrapping_add(lane) as usize] = bits;
        }
    }
}

/// The entry point for one workgroup of `size` invocations; `id` is its place in x and y, and units have `slots`
/// elements. `write_unit` takes the unit, the elements that are shared, and the first slot of these.
pub(crate) fn fill(
    params: &Params,
    [slots, size]: [u32; 2],
    id: [u32; 2],
    structured: impl Fn(&Params, u32) -> [u32; 4],
    mut write_unit: impl FnMut(u32, &[u32], u32),
) {
    let mut shared_elements = vec![0; (slots * size) as usize];
    let unit = id[0] * size + (id[1] * params.row + params.head / slots);
    let first_slot = unit * slots;
    let head = first_slot.max(params.head);
    let tail = (first_slot + slots * size).min(params.tail);
    if head < tail {
        let start = head - params.head + params.block[1];
        let end = start + (tail - head);
        let run = start / params.view[0];
        let runs = (end - 1) / params.view[0] - run + 1;
        let blocks = most_blocks(params, end - start);
        for item in 0..runs * blocks {
            let place = [run + item / blocks, item % blocks];
            share(params, place, [start, end], head - first_slot, &mut shared_elements, &structured);
        }
    }
    for unit in unit..unit + size {
        if unit < params.tail.div_ceil(slots) {
            write_unit(unit, &shared_elements, first_slot);
        }
    }
}
