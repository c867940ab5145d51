//! Mirror of `shaders/matrix/place.wgsl`: where an element lies in a matrix.

use crate::arithmetic::generator::params::Params;

/// `a + b` for a 64-bit number as (low, high), modulo 2^64.
#[inline]
pub(crate) fn add_64(a: [u32; 2], b: u32) -> [u32; 2] {
    let low = a[0].wrapping_add(b);
    [low, a[1].wrapping_add(u32::from(low < b))]
}

/// (quotient, remainder) of a 64-bit number by a divisor that is not 0; the quotient modulo 2^32.
#[inline]
pub(crate) fn divide(number: [u32; 2], divisor: u32) -> [u32; 2] {
    let (number, divisor) = (u64::from(number[0]) | u64::from(number[1]) << 32, u64::from(divisor));
    [(number / divisor) as u32, (number % divisor) as u32]
}

/// (row, column) of the element in slot `4 index`, which may be before element 0.
#[inline]
pub(crate) fn place_of(params: &Params, index: u32) -> [u32; 2] {
    let element = add_64(params.origin, 4 * index);
    if element[1] == u32::MAX {
        let before = element[0].wrapping_neg();
        let rows = (before - 1) / params.columns + 1;
        return [rows.wrapping_neg(), rows.wrapping_mul(params.columns).wrapping_sub(before)];
    }
    divide(element, params.columns)
}

/// (row, column) of the element after the one at `place`.
#[inline]
pub(crate) fn next_place(params: &Params, place: [u32; 2]) -> [u32; 2] {
    let column = place[1].wrapping_add(1);
    if column == params.columns { [place[0].wrapping_add(1), 0] } else { [place[0], column] }
}
