//! A plan's dispatch on the CPU, invocation by invocation: what a GPU does, for tests of plans and for finding out
//! which side is wrong.

use crate::arithmetic::unit::quad::quad;
use crate::arithmetic::unit::slice::quotient;
use crate::arithmetic::unit::slice_pieces::run_and_block;
use crate::arithmetic::unit::{
    block_8, block_16, block_32, block_64, contiguous, fill, slice_elements, slice_runs, unit_8, unit_16, unit_32,
    unit_64,
};
use crate::cpu::compose::{Body, compose, structured, updated, widen, writes};
use crate::plan::{Dispatch, Kernel, Params, Selection, WORKGROUP_SIZE};

/// Runs `dispatch` of `kernel` on `binding`, the words of its destination binding; `table` is the words of the
/// law's table, if it has one.
///
/// # Panics
/// If `binding` is shorter than [`Dispatch::binding_size`].
///
/// ```
/// use weightinit::plan::{Capabilities, Plan};
/// use weightinit::{DType, Fill, Law, cpu};
///
/// let fill = Fill::new(0, Law::normal(0.0, 1.0), DType::F32, 100)?;
/// let plan = Plan::new(&fill, 0, &Capabilities::default())?;
/// let mut binding = vec![0; 100];
/// for dispatch in plan.dispatches() {
///     cpu::dispatch(plan.kernel(), &dispatch, &[], &mut binding);
/// }
/// assert_eq!(bytemuck::cast_slice::<u32, u8>(&binding), cpu::bytes(&fill)?);
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn dispatch(kernel: Kernel, dispatch: &Dispatch, table: &[u32], binding: &mut [u32]) {
    let params = &dispatch.params;
    compose(kernel, params, table, Invocations { kernel, params, table, workgroups: dispatch.workgroups, binding });
}

struct Invocations<'a> {
    kernel: Kernel,
    params: &'a Params,
    table: &'a [u32],
    workgroups: [u32; 2],
    binding: &'a mut [u32],
}

impl Body for Invocations<'_> {
    fn run(mut self, block_elements: impl Fn([u32; 2]) -> [u32; 4]) {
        if self.kernel.selection() == Selection::Runs {
            return self.write_blocks(&block_elements);
        }
        for y in 0..self.workgroups[1] {
            for x in 0..self.workgroups[0] * WORKGROUP_SIZE {
                let slots = self.kernel.unit() as u32;
                fill::fill(self.params, slots, [x, y], |unit| self.write_units(unit, &block_elements));
            }
        }
    }
}

/// Four elements of a range, from a slot on.
fn of_range(kernel: Kernel, params: &Params, index: u32, block_elements: &impl Fn([u32; 2]) -> [u32; 4]) -> [u32; 4] {
    let quad = |index| quad(kernel.options(), params, index, block_elements);
    structured(kernel, params, index, quad, block_elements)
}

impl Invocations<'_> {
    /// Writes one unit, or the several that a batch is.
    fn write_units(&mut self, batch: u32, block_elements: &impl Fn([u32; 2]) -> [u32; 4]) {
        let (kernel, params, table) = (self.kernel, self.params, self.table);
        let destination = &mut *self.binding;
        let structured = |params: &Params, index| of_range(kernel, params, index, block_elements);
        let units = kernel.units();
        for unit in units * batch..units * (batch + 1) {
            write(kernel, params, table, unit, destination, |index| match kernel.selection() {
                Selection::Blocks => slice_elements::elements(kernel.is_nested(), params, index, &structured),
                _ => contiguous::elements(index, |index| structured(params, index)),
            });
        }
    }

    /// Writes a slice, block by block.
    fn write_blocks(&mut self, block_elements: &impl Fn([u32; 2]) -> [u32; 4]) {
        let (kernel, params, table) = (self.kernel, self.params, self.table);
        let structured = |params: &Params, index| of_range(kernel, params, index, block_elements);
        let updated = |old, sample| updated(kernel, params, old, sample);
        let widen = |bits| widen(kernel, params, table, bits);
        let size = kernel.dtype().size();
        let at_a_time = if kernel.is_batched() { 4 } else { 1 };
        let ids = (0..self.workgroups[1]).flat_map(|y| (0..params.row).map(move |x| x + y * params.row));
        for item in ids.flat_map(|id| at_a_time * id..at_a_time * (id + 1)) {
            // Of an item that is a run the pieces.
            let places = if kernel.is_short() {
                let run = quotient(params.block[1], params.view[0]) + item;
                [Some([run, 0]), Some([run, 1])]
            } else {
                [Some(run_and_block(kernel.is_nested(), params, item)), None]
            };
            for place in places.into_iter().flatten() {
                slice_runs::fill(kernel.is_nested(), params, place, &structured, |slot, places, e| match size {
                    1 => block_8::write_block(slot, places, e, self.binding, updated),
                    2 => block_16::write_block(slot, places, e, self.binding, updated),
                    4 => block_32::write_block(slot, places, e, self.binding, updated),
                    _ => block_64::write_block(slot, places, e, self.binding, widen),
                });
            }
        }
    }
}

/// Writes a unit.
fn write(
    kernel: Kernel,
    params: &Params,
    table: &[u32],
    unit: u32,
    destination: &mut [u32],
    elements: impl Fn(u32) -> [u32; 4],
) {
    let writes = |slot| writes(kernel, params, slot);
    let updated = |old, sample| updated(kernel, params, old, sample);
    match kernel.dtype().size() {
        1 => unit_8::write_unit(unit, destination, elements, writes, updated),
        2 => unit_16::write_unit(unit, destination, elements, writes, updated),
        4 => unit_32::write_unit(unit, destination, elements, writes, updated),
        _ => unit_64::write_unit(unit, destination, elements, writes, |bits| widen(kernel, params, table, bits)),
    }
}
