//! Mirror of `shaders/matrix/sparse.wgsl`: random permutations of the rows, one for each column, which take those rows
//! to the first places that are dropped.
//!
//! Black and Rogaway, "Ciphers with arbitrary finite domains" (CT-RSA 2002).

use crate::arithmetic::generator::mul_wide_u64::mul_wide;
use crate::arithmetic::generator::params::Params;
use crate::arithmetic::generator::philox::philox;

fn round_word(params: &Params, column: u32, round: u32, half: u32) -> u32 {
    let counter = [column, 0x8000_0000 | (round << 16) | half, params.stream[0], params.stream[1]];
    philox(counter, params.key)[0]
}

/// A uniform number below `bound`, from a word.
fn below(word: u32, bound: u32) -> u32 {
    mul_wide(word, bound)[1]
}

fn permute(params: &Params, pair: [u32; 2], bounds: [u32; 2], column: u32) -> [u32; 2] {
    let [mut left, mut right] = pair;
    for round in (0..params.structure[3]).step_by(2) {
        left = (left + below(round_word(params, column, round, right), bounds[0])) % bounds[0];
        right = (right + below(round_word(params, column, round + 1, left), bounds[1])) % bounds[1];
    }
    [left, right]
}

/// Whether the element at (row, column) is a sample.
pub(crate) fn keeps(params: &Params, place: [u32; 2]) -> bool {
    let [rows, zeros, left, _] = params.structure;
    if place[0] >= rows {
        return false;
    }
    let bounds = [left, (rows - 1) / left + 1];
    let mut pair = [place[0] / bounds[1], place[0] % bounds[1]];
    let mut row = rows;
    while row >= rows {
        pair = permute(params, pair, bounds, place[1]);
        row = pair[0] * bounds[1] + pair[1];
    }
    row >= zeros
}
