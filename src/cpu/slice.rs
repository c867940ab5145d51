//! A slice of a fill: its runs together in batches of blocks, so that short runs cost little more than long ones.

use super::batch::{self, BLOCKS, Batch};
use super::compose::widen;
use super::run::{diagonals, mask, run};
#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::wide;
use crate::plan::{Kernel, Params};
use crate::request::Slice;
use crate::request::fill::Fill;
use crate::request::structure::Structure;

/// From this many elements on a run is worth batches of its own.
const LONG: u64 = 32 * 4 * BLOCKS as u64;

/// Fills `out` with the elements of a slice of `fill` from number `first` of the slice on.
pub(super) fn slice(fill: &Fill, slice: &Slice, first: u64, out: &mut [u8]) {
    let size = fill.dtype().size() as usize;
    let runs = slice.runs(first..first + (out.len() / size) as u64);
    if slice.run() >= LONG {
        return in_parts(runs, size, out, |source, part| run(fill, source, part));
    }
    match fill.structure() {
        Structure::Dense => samples(fill, runs, out),
        Structure::Toeplitz { columns, rows } => {
            samples(fill, runs.flat_map(|run| diagonals(columns, rows, run)), out);
        }
        _ => {
            samples(fill, runs.clone(), out);
            let (kernel, params) = (Kernel::of(fill), Params::of(fill));
            in_parts(runs, size, out, |source, part| mask((kernel, &params), source, part));
        }
    }
}

/// Calls `work` with each run's first element in the tensor and its bytes.
fn in_parts(runs: impl Iterator<Item = (u64, u64)>, size: usize, out: &mut [u8], work: impl Fn(u64, &mut [u8])) {
    let mut rest = out;
    for (source, count) in runs {
        let (part, after) = rest.split_at_mut(count as usize * size);
        work(source, part);
        rest = after;
    }
}

/// Fills `out` with the law's samples of these runs, one after the other.
fn samples(fill: &Fill, runs: impl Iterator<Item = (u64, u64)>, out: &mut [u8]) {
    let table = fill.sampler().table.as_ref().map_or(&[][..], |table| table.words());
    let (kernel, params) = (Kernel::of(fill), &Params::of(fill));
    let runs = Runs { kernel, params, table, pieces: Pieces { runs, first: 0, left: 0 }, out };
    #[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
    let Err(runs) = wide::widest(runs) else { return };
    runs.plainly();
}

/// Runs of samples, and where they go.
struct Runs<'a, I> {
    kernel: Kernel,
    params: &'a Params,
    table: &'a [u32],
    pieces: Pieces<I>,
    out: &'a mut [u8],
}

#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
impl<I: Iterator<Item = (u64, u64)>> wide::Computation for Runs<'_, I> {
    #[inline(always)]
    fn compute<L: wide::Level, const UNITS: usize>(self, level: L) {
        if wide::takes(self.kernel.kind()) {
            let Self { kernel, params, table, pieces, out } = self;
            wide::runs::<L, UNITS>(level, kernel, (params, table), pieces.runs, out);
        } else {
            self.in_batches();
        }
    }
}

impl<I: Iterator<Item = (u64, u64)>> Runs<'_, I> {
    /// Fills them with what every processor of this target has.
    #[inline(never)]
    fn plainly(self) {
        self.in_batches();
    }

    #[inline(always)]
    fn in_batches(mut self) {
        let (kernel, params, table) = (self.kernel, self.params, self.table);
        let mut bits = batch::empty();
        let (mut blocks, mut lanes) = ([[0; 2]; BLOCKS], [(0, 0); BLOCKS]);
        loop {
            let (mut count, mut elements) = (0, 0);
            for ((block, lanes), piece) in blocks.iter_mut().zip(&mut lanes).zip(&mut self.pieces) {
                *block = [piece.block as u32, (piece.block >> 32) as u32];
                *lanes = (piece.lane, piece.count);
                (count, elements) = (count + 1, elements + piece.count);
            }
            if count == 0 {
                break;
            }
            let size = kernel.dtype().size() as usize;
            let Some(out) = self.out.split_off_mut(..elements * size) else { break };
            batch::elements(kernel, params, table, (&blocks, count), &mut bits);
            let lanes = &lanes[..count];
            match size {
                1 => store(&bits, lanes, out, |bits| [bits as u8]),
                2 => store(&bits, lanes, out, |bits| (bits as u16).to_le_bytes()),
                4 => store(&bits, lanes, out, u32::to_le_bytes),
                _ => store(&bits, lanes, out, |bits| {
                    let [low, high] = widen(kernel, params, table, bits);
                    (u64::from(low) | u64::from(high) << 32).to_le_bytes()
                }),
            }
        }
    }
}

/// Stores of each block of a batch the elements from a lane on, and how many, each as bytes.
#[inline(always)]
fn store<const SIZE: usize>(
    bits: &Batch<u32>,
    lanes: &[(usize, usize)],
    out: &mut [u8],
    bytes: impl Fn(u32) -> [u8; SIZE],
) {
    let mut out = out.chunks_exact_mut(SIZE);
    for (block, &(lane, count)) in lanes.iter().enumerate() {
        for (lane, element) in (lane..lane + count).zip(&mut out) {
            element.copy_from_slice(&bytes(bits[lane][block]));
        }
    }
}

/// Elements of one block.
struct Piece {
    block: u64,
    /// The first of them.
    lane: usize,
    count: usize,
}

/// Runs cut into blocks.
struct Pieces<I> {
    runs: I,
    first: u64,
    left: u64,
}

impl<I: Iterator<Item = (u64, u64)>> Iterator for Pieces<I> {
    type Item = Piece;

    #[inline(always)]
    fn next(&mut self) -> Option<Piece> {
        if self.left == 0 {
            (self.first, self.left) = self.runs.next()?;
        }
        let lane = self.first % 4;
        let count = (4 - lane).min(self.left);
        let piece = Piece { block: self.first / 4, lane: lane as usize, count: count as usize };
        (self.first, self.left) = (self.first + count, self.left - count);
        Some(piece)
    }
}

#[cfg(all(test, feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use super::*;
    use crate::dtype::DType;
    use crate::law::Law;

    /// As many runs, of lengths from one element to several groups, also where blocks' numbers get another upper word.
    fn runs() -> Vec<(u64, u64)> {
        let starts = [0, 5, 1 << 20, (1 << 34) - 40, (1 << 34) - 7, (1 << 34) + 3, (1 << 36) + 2];
        let short = (0..200u64).map(|number| (starts[number as usize % 7] + 4099 * number, number % 11 + 1));
        let long = [(7, 130), (1 << 34, 128), ((1 << 34) - 300, 700), (8, 256), (1, 1), (2, 64)];
        short.chain(long).chain([(11, 3), (3, 1), (0, 4), (4, 4), (6, 1)]).collect()
    }

    #[test]
    fn every_level_gives_the_bits_of_runs() {
        let runs = if cfg!(miri) { runs()[..20].to_vec() } else { runs() };
        let count: u64 = runs.iter().map(|(_, count)| count).sum();
        for dtype in [DType::F32, DType::BF16, DType::F16, DType::F8E4M3, DType::F64] {
            for law in
                [Law::normal(0.5, 1.0), Law::uniform(-1.0, 1.0), Law::truncated_normal(0.0, 1.0, -1.0, 2.0).unwrap()]
            {
                let whole = Fill::new(7, law, dtype, 1 << 40).unwrap().with_seed(3);
                let table = whole.sampler().table.as_ref().map_or(&[][..], |table| table.words());
                let (kernel, params, size) = (Kernel::of(&whole), Params::of(&whole), dtype.size() as usize);
                let mut expected = vec![0; count as usize * size];
                in_parts(runs.iter().copied(), size, &mut expected, |first, part| run(&whole, first, part));
                for level in wide::LEVELS {
                    let mut found = vec![0xa5; expected.len()];
                    let pieces = Pieces { runs: runs.iter().copied(), first: 0, left: 0 };
                    let is_there = wide::with(level, Runs { kernel, params: &params, table, pieces, out: &mut found });
                    assert!(!is_there || found == expected, "{level}: {}", kernel.name());
                }
            }
        }
    }
}
