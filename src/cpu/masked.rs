//! Mirror of `shaders/masked.wgsl`: elements that the structure does not keep are 0.

use super::place::{divide, next_place};
use crate::plan::Params;

/// Four elements from index `element` on.
pub(super) fn structured(
    params: &Params,
    element: [u32; 2],
    quad: impl Fn([u32; 2]) -> [u32; 4],
    keeps: impl Fn([u32; 2]) -> bool,
) -> [u32; 4] {
    let mut place = divide(element, params.columns);
    quad(element).map(|bits| {
        let kept = keeps(place);
        place = next_place(params, place);
        if kept { bits } else { 0 }
    })
}
