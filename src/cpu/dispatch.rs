//! A plan's dispatch on the CPU, invocation by invocation: what a GPU does, for tests of plans and for finding out which
//! side is wrong.

use super::compose::{Body, compose};
use crate::arithmetic::unit::fill;
use crate::plan::kernel::{Kernel, WORKGROUP_SIZE};
use crate::plan::{Dispatch, Params};

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
/// let fill = Fill::new(Law::normal(0.0, 1.0), DType::F32, 100)?;
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
    fn run(self, block_elements: impl Fn([u32; 2]) -> [u32; 4]) {
        for y in 0..self.workgroups[1] {
            for x in 0..self.workgroups[0] * WORKGROUP_SIZE {
                fill::fill(self.kernel, self.params, self.table, [x, y], self.binding, &block_elements);
            }
        }
    }
}
