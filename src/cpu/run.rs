//! The fast path: a run of elements as whole blocks, where a dispatch would go unit by unit.

use super::compose::{Body, compose, keeps, widen};
use super::place::{divide, next_place};
use crate::fill::Fill;
use crate::plan::Params;
use crate::shaders::Kernel;
use crate::structure::Structure;

/// Fills `out` with the elements from `first` on, whatever their place in their block.
pub(super) fn run(fill: &Fill, first: u64, out: &mut [u8]) {
    let size = fill.dtype().size() as usize;
    match fill.structure() {
        Structure::Dense => samples(fill, first, out),
        // A row is a run of samples.
        Structure::Toeplitz { columns, rows } => {
            let (mut element, mut rest) = (first, out);
            while !rest.is_empty() {
                let (row, column) = (element / columns, element % columns);
                let count = (columns - column).min((rest.len() / size) as u64);
                let (part, after) = rest.split_at_mut(count as usize * size);
                samples(fill, rows - 1 - row + column, part);
                (element, rest) = (element + count, after);
            }
        }
        _ => {
            samples(fill, first, out);
            let (kernel, params) = (Kernel::of(fill), Params::of(fill));
            let mut place = divide([first as u32, (first >> 32) as u32], params.columns);
            for element in out.chunks_exact_mut(size) {
                if !keeps(kernel, &params, place) {
                    element.fill(0);
                }
                place = next_place(&params, place);
            }
        }
    }
}

/// Fills `out` with the law's samples from `first` on.
fn samples(fill: &Fill, first: u64, out: &mut [u8]) {
    let table = fill.sampler().table.as_ref().map_or(&[][..], |table| table.words());
    let (kernel, params) = (Kernel::of(fill), Params::of(fill));
    match fill.dtype().size() {
        1 => compose(kernel, &params, table, Run { first, out, bytes: |bits: u32| [bits as u8] }),
        2 => compose(kernel, &params, table, Run { first, out, bytes: |bits: u32| (bits as u16).to_le_bytes() }),
        4 => compose(kernel, &params, table, Run { first, out, bytes: u32::to_le_bytes }),
        _ => compose(kernel, &params, table, Run { first, out, bytes: |bits| wide(kernel, &params, table, bits) }),
    }
}

fn wide(kernel: Kernel, params: &Params, table: &[u32], bits: u32) -> [u8; 8] {
    let [low, high] = widen(kernel, params, table, bits);
    (u64::from(low) | u64::from(high) << 32).to_le_bytes()
}

/// A run of elements, each of the `SIZE` bytes that `bytes` makes of its bits.
struct Run<'a, B> {
    first: u64,
    out: &'a mut [u8],
    bytes: B,
}

impl<const SIZE: usize, B: Fn(u32) -> [u8; SIZE]> Body for Run<'_, B> {
    /// A part of the first block, whole blocks, a part of the last one.
    fn run(self, block_elements: impl Fn([u32; 2]) -> [u32; 4]) {
        let put = |out: &mut [u8], lanes: &[u32]| {
            for (element, lane) in out.chunks_exact_mut(SIZE).zip(lanes) {
                element.copy_from_slice(&(self.bytes)(*lane));
            }
        };
        let elements = |block: u64| block_elements([block as u32, (block >> 32) as u32]);
        let skipped = (self.first % 4) as usize;
        let head = if skipped == 0 { 0 } else { (4 - skipped).min(self.out.len() / SIZE) };
        let (head, body) = self.out.split_at_mut(head * SIZE);
        put(head, &elements(self.first / 4)[skipped..]);
        let mut block = self.first.div_ceil(4);
        let (whole, rest) = body.split_at_mut(body.len() / (4 * SIZE) * (4 * SIZE));
        for out in whole.chunks_exact_mut(4 * SIZE) {
            put(out, &elements(block));
            block += 1;
        }
        if !rest.is_empty() {
            put(rest, &elements(block));
        }
    }
}
