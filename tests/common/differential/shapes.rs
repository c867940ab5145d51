//! Random shapes that an initializer has something for, the ranges of them that are asked for, and their layouts.

use std::ops::Range;

use weightinit::{Layout, Structure, plan::StructureKind};

use super::choices::Choices;

/// Elements of a tensor that is asked for as a whole, and of most ranges, at most.
const ELEMENTS: u64 = 3000;
/// And of some ranges: several workgroups of every kernel.
const MANY_ELEMENTS: u64 = 20_000;

/// A shape for `initializer`; one that is far has more elements than 32 bits count, where there can be such.
pub(crate) fn shape(choices: &mut Choices, initializer: &str, far: bool) -> Vec<u64> {
    match initializer {
        "eye" | "identity" | "sparse" | "toeplitz" => several(choices, 2, far),
        "padded" => {
            let rank = choices.within(2..=5);
            several(choices, rank, far)
        }
        "block_diagonal" => {
            let blocks = choices.size(if far { 1 << 12 } else { 12 });
            let most = if far { 1 << 19 } else { 30 };
            vec![blocks * choices.size(most), blocks * choices.size(most)]
        }
        // Their columns are listed in a table, even ones where halves are asked for.
        "sinusoidal" | "rotary" => {
            let columns = choices.size(300).next_multiple_of(choices.within(1..=2));
            vec![rows(choices, columns, far), columns]
        }
        "rotary_frequencies" => vec![choices.size(ELEMENTS)],
        "state_space" => {
            let states = choices.size(40);
            let stack = rows(choices, states * states, far);
            choices.pick(&[&[stack, states, states][..], &[states], &[stack, states], &[stack, states, 1]]).to_vec()
        }
        "stft" => {
            let frame = choices.size(300);
            let bins = rows(choices, frame, far) + 1;
            if choices.chance(50) { vec![frame, 1, bins] } else { vec![bins, 1, frame] }
        }
        "dirac" => {
            let groups = choices.size(6);
            let mut shape = vec![groups * choices.size(if far { 1 << 24 } else { 12 })];
            shape.push(choices.size(if far { 1 << 20 } else { 12 }));
            shape.extend((0..choices.within(1..=3)).map(|_| choices.size(6)));
            shape
        }
        // Computed as a whole.
        "orthogonal" | "delta_orthogonal" => {
            let delta = initializer == "delta_orthogonal";
            let taps: Vec<u64> = (0..choices.within(u64::from(delta)..=3)).map(|_| choices.size(3)).collect();
            let most = if choices.chance(10) { choices.size(70) } else { choices.size(16) };
            let few = choices.size(most);
            let matrix = if delta || choices.chance(50) { [few, most] } else { [most, few] };
            // In Keras' order, or in PyTorch's.
            if choices.chance(50) {
                taps.into_iter().chain(matrix).collect()
            } else {
                matrix.into_iter().rev().chain(taps).collect()
            }
        }
        _ => {
            let rank = if far { choices.within(1..=5) } else { choices.within(0..=5) };
            several(choices, rank, far)
        }
    }
}

/// Sizes of `rank` axes, which share the elements by chance.
fn several(choices: &mut Choices, rank: u64, far: bool) -> Vec<u64> {
    let mut left = if far { choices.power_of_ten(10.0, 17.0) } else { choices.size(ELEMENTS) as f64 };
    let mut shape: Vec<u64> = (1..=rank)
        .rev()
        .map(|axes| {
            let share = if axes == 1 { 1.0 } else { choices.real(0.0, 2.0 / axes as f64).min(1.0) };
            let size = left.powf(share).round().max(1.0);
            left = (left / size).max(1.0);
            size as u64
        })
        .collect();
    choices.shuffle(&mut shape);
    shape
}

/// How many rows of `columns` elements there are.
fn rows(choices: &mut Choices, columns: u64, far: bool) -> u64 {
    if far { choices.within(1 << 30..=u64::from(u32::MAX) - 1) } else { choices.size((ELEMENTS / columns).max(1)) }
}

/// A layout, most often one that the shape has fans in.
pub(crate) fn layout(choices: &mut Choices, initializer: &str, shape: &[u64]) -> Layout {
    match initializer {
        "dirac" => return Layout::Torch,
        "stft" => return if shape.len() == 3 && choices.chance(50) { Layout::Torch } else { Layout::Keras },
        // Of outputs there are at least as many as of inputs.
        "delta_orthogonal" => return if shape[0] < shape[1] { Layout::Keras } else { Layout::Torch },
        _ if shape.len() < 2 && choices.chance(90) => return Layout::Keras,
        _ => {}
    }
    if choices.chance(80) {
        return choices.pick(&Layout::NAMED);
    }
    let mut axes: Vec<_> = (0..shape.len().max(2) as u64).map(|axis| axis.to_string()).collect();
    choices.shuffle(&mut axes);
    let batch = if axes.len() > 2 { format!(",batch={}", axes[2]) } else { String::new() };
    format!("in={},out={}{batch}", axes[0], axes[1]).parse().expect("axes by number")
}

/// A part of `len` elements: the whole, the end, around a power of two that counters carry at, or anywhere.
pub(crate) fn range(choices: &mut Choices, len: u64) -> Range<u64> {
    if len <= ELEMENTS && choices.chance(40) {
        return 0..len;
    }
    let most = if choices.chance(10) { MANY_ELEMENTS } else { ELEMENTS };
    let count = choices.size(most.min(len));
    let last = len - count;
    let start = match choices.below(6) {
        0 => 0,
        1 => last,
        2 | 3 if last >> 32 > 0 => {
            // Blocks of four elements have numbers of two words: the upper one changes at multiples of 2^34.
            let period = choices.pick(&[1 << 32, 1 << 33, 1 << 34]);
            let turn = period * (1 + choices.below((last / period).max(1)));
            turn.saturating_sub(choices.below(count + 1)).min(last)
        }
        _ => choices.below(last + 1),
    };
    // Whole units have kernels of their own, which chance would seldom ask for.
    if choices.chance(40) {
        let start = start / 16 * 16;
        return start..(start + count.next_multiple_of(16)).min(len);
    }
    start..start + count
}

/// A structure of this kind, for a matrix of the last axis' columns.
pub(crate) fn structure(choices: &mut Choices, kind: StructureKind, shape: &[u64]) -> Structure {
    let columns = shape.last().copied().unwrap_or(1);
    let rows = shape.iter().rev().skip(1).product::<u64>();
    match kind {
        StructureKind::Diagonal => Structure::Diagonal {
            columns,
            period: choices.size(rows),
            step: choices.below(4),
            offset: choices.below(columns + 1),
        },
        StructureKind::Blocks => {
            Structure::Blocks { columns, block_rows: choices.size(rows), block_columns: choices.size(columns) }
        }
        StructureKind::OtherRows => Structure::OtherRows { columns, row: choices.below(rows) },
        StructureKind::Sparse => Structure::Sparse { columns, rows, zeros: choices.below(rows + 1) },
        StructureKind::Toeplitz => Structure::Toeplitz { columns, rows },
        _ => Structure::Dense,
    }
}
