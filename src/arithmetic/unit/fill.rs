//! Mirror of `shaders/unit/fill.wgsl`: what one invocation does.

use crate::arithmetic::generator::params::Params;

/// The entry point for one invocation; `id` is its place in x and y, and units have `slots` elements.
pub fn fill(params: &Params, slots: u32, id: [u32; 2], write_unit: impl FnOnce(u32)) {
    let unit = id[0] + (id[1] * params.row + params.head / slots);
    if unit < params.tail.div_ceil(slots) {
        write_unit(unit);
    }
}
