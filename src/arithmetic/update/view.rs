//! Mirror of `shaders/update/view.wgsl`: which slots are written.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::{add_64, divide};

/// Those of the range whose element lies in the view.
#[inline]
pub(crate) fn writes(params: &Params, slot: u32) -> bool {
    if slot < params.head || slot >= params.tail {
        return false;
    }
    let [inner, length, start, step] = params.view;
    let index = add_64(params.origin, slot);
    let row = [divide(index, inner)[0], index[1] / inner];
    let place = divide(row, length)[1];
    place >= start && (place - start).is_multiple_of(step) && (place - start) / step < params.view_count
}
