//! Mirror of `shaders/matrix/masked.wgsl`: elements that the structure does not keep are 0.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::matrix::place::{next_place, place_of};

/// Four elements from slot `4 index` on.
pub(crate) fn structured(
    params: &Params,
    index: u32,
    quad: impl Fn(u32) -> [u32; 4],
    keeps: impl Fn([u32; 2]) -> bool,
) -> [u32; 4] {
    let mut place = place_of(params, index);
    quad(index).map(|bits| {
        let kept = keeps(place);
        place = next_place(params, place);
        if kept { bits } else { 0 }
    })
}
