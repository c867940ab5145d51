//! A run of elements in batches of blocks, where a dispatch would go unit by unit.

use super::batch::{self, BLOCKS, Batch};
use super::compose::{keeps, widen};
#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::wide;
use crate::arithmetic::matrix::place::{divide, next_place};
use crate::plan::{Kernel, Kind, Params};
use crate::request::fill::Fill;
use crate::request::structure::Structure;

/// Fills `out` with the elements from `first` on, whatever their place in their block.
pub(super) fn run(fill: &Fill, first: u64, out: &mut [u8]) {
    let size = fill.dtype().size() as usize;
    match fill.structure() {
        Structure::Dense => samples(fill, first, out),
        Structure::Toeplitz { columns, rows } => {
            let mut rest = out;
            for (sample, count) in diagonals(columns, rows, (first, (rest.len() / size) as u64)) {
                let (part, after) = rest.split_at_mut(count as usize * size);
                samples(fill, sample, part);
                rest = after;
            }
        }
        _ => {
            samples(fill, first, out);
            mask((Kernel::of(fill), &Params::of(fill)), first, out);
        }
    }
}

/// The runs of samples that so many elements of a Toeplitz matrix are, from this one on: one for each row.
pub(super) fn diagonals(columns: u64, rows: u64, run: (u64, u64)) -> impl Iterator<Item = (u64, u64)> {
    let (mut element, mut left) = run;
    std::iter::from_fn(move || {
        let (row, column) = (element / columns, element % columns);
        let count = (columns - column).min(left);
        (element, left) = (element + count, left - count);
        (count > 0).then(|| (rows - 1 - row + column, count))
    })
}

/// Of the elements from `first` on, those that the structure does not keep become 0.
pub(super) fn mask((kernel, params): (Kernel, &Params), first: u64, out: &mut [u8]) {
    let mut place = divide([first as u32, (first >> 32) as u32], params.columns);
    for element in out.chunks_exact_mut(kernel.dtype().size() as usize) {
        if !keeps(kernel, params, place) {
            element.fill(0);
        }
        place = next_place(params, place);
    }
}

/// Fills `out` with the law's samples from `first` on.
fn samples(fill: &Fill, first: u64, out: &mut [u8]) {
    let table = fill.sampler().table.as_ref().map_or(&[][..], |table| table.words());
    let params = Params::of(fill);
    let run = Run { kernel: Kernel::of(fill), params: &params, table, first, out };
    #[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
    let Err(run) = wide::widest(run) else { return };
    run.plainly();
}

/// A run of samples from index `first` on.
pub(super) struct Run<'a> {
    pub(super) kernel: Kernel,
    pub(super) params: &'a Params,
    pub(super) table: &'a [u32],
    pub(super) first: u64,
    pub(super) out: &'a mut [u8],
}

#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
impl wide::Computation for Run<'_> {
    #[inline(always)]
    fn compute<L: wide::Level, const UNITS: usize>(self, level: L) {
        if wide::takes(self.kernel.kind()) {
            wide::run::<L, UNITS>(level, self.kernel, (self.params, self.table), self.first, self.out);
        } else {
            self.in_batches(batch::placed);
        }
    }
}

impl Run<'_> {
    /// Fills it with what every processor of this target has.
    #[inline(never)]
    fn plainly(self) {
        self.in_batches(batch::elements);
    }

    /// Fills it with what `elements` makes of blocks.
    #[inline(always)]
    fn in_batches(mut self, elements: impl Fn(Kernel, &Params, &[u32], (u64, usize), &mut Batch<u32>)) {
        let (kernel, params, table) = (self.kernel, self.params, self.table);
        let mut bits = batch::empty();
        let is_constant = kernel.kind() == Kind::Constant;
        if is_constant {
            elements(kernel, params, table, (0, BLOCKS), &mut bits);
        }
        while let Some((blocks, skipped, out)) = self.next_part() {
            if !is_constant {
                elements(kernel, params, table, blocks, &mut bits);
            }
            match kernel.dtype().size() {
                1 => store(&bits, skipped, out, |bits| [bits as u8]),
                2 => store(&bits, skipped, out, |bits| (bits as u16).to_le_bytes()),
                4 => store(&bits, skipped, out, u32::to_le_bytes),
                _ => store(&bits, skipped, out, |bits| {
                    let [low, high] = widen(kernel, params, table, bits);
                    (u64::from(low) | u64::from(high) << 32).to_le_bytes()
                }),
            }
        }
    }

    /// Where the next elements go that are in one batch: their first block and how many there are, how many elements of
    /// the first are not wanted, and the bytes of the others.
    #[inline(always)]
    fn next_part(&mut self) -> Option<((u64, usize), usize, &mut [u8])> {
        let size = self.kernel.dtype().size() as usize;
        let (block, skipped) = (self.first / 4, (self.first % 4) as usize);
        let count = (4 * BLOCKS - skipped).min(self.out.len() / size);
        let out = self.out.split_off_mut(..count * size).filter(|out| !out.is_empty())?;
        self.first += count as u64;
        Some(((block, (skipped + count).div_ceil(4).min(BLOCKS)), skipped, out))
    }
}

/// Stores a batch's elements from the one with number `skipped` on, each as bytes.
#[inline(always)]
fn store<const SIZE: usize>(bits: &Batch<u32>, skipped: usize, out: &mut [u8], bytes: impl Fn(u32) -> [u8; SIZE]) {
    if out.len() == 4 * BLOCKS * SIZE {
        for (i, block) in out.chunks_exact_mut(4 * SIZE).enumerate() {
            for (lane, element) in bits.iter().zip(block.chunks_exact_mut(SIZE)) {
                element.copy_from_slice(&bytes(lane[i]));
            }
        }
    } else {
        for (number, element) in (skipped..).zip(out.chunks_exact_mut(SIZE)) {
            element.copy_from_slice(&bytes(bits[number % 4][number / 4]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::compose::{Body, compose};
    use crate::dtype::DType;
    use crate::law::{Law, Math, Wave};
    use crate::plan;

    /// Fills a run by every way that this processor has, by name.
    fn levels() -> Vec<&'static str> {
        let levels = vec!["any"];
        #[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
        let levels = [levels, wide::LEVELS.to_vec()].concat();
        levels
    }

    /// Whether the processor has the level; if so, it fills the run.
    fn fill(level: &str, run: Run<'_>) -> bool {
        #[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
        if level != "any" {
            return wide::with(level, run);
        }
        run.plainly();
        true
    }

    /// Elements as the mirrors of the shaders give them, block by block.
    struct Blockwise<'a> {
        first: u64,
        bits: &'a mut [u32],
    }

    impl Body for Blockwise<'_> {
        fn run(self, block_elements: impl Fn([u32; 2]) -> [u32; 4]) {
            for (element, bits) in (self.first..).zip(self.bits) {
                let block = element / 4;
                *bits = block_elements([block as u32, (block >> 32) as u32])[(element % 4) as usize];
            }
        }
    }

    #[test]
    fn every_level_gives_the_mirrors_bits() {
        let native = Law::Normal { mean: 0.0, std: 1.0, math: Math::Native };
        let list = Law::listed((0..7).map(f64::from)).unwrap();
        let waves = Law::waves_by_column((0..256).map(|i| Wave::of_turns(i, 257, i as u32 % 2))).unwrap();
        let mut floats = vec![Law::uniform(-0.3, 0.3), Law::uniform(0.0, 1.0), Law::normal(0.0, 0.02)];
        floats.extend([Law::normal(-1.0, 0.5), native, list, waves, Law::Constant(1.5)]);
        let mut ranges = vec![(3, 5), ((1 << 34) - 30, 70)];
        // Miri interprets: it takes minutes for a table, and what it can find is in odd ends.
        if !cfg!(miri) {
            floats.push(Law::truncated_normal(0.5, 1.0, 0.25, 3.0).unwrap());
            floats.push(Law::triangular(-1.0, 2.0, 0.25).unwrap());
            ranges.extend([((1 << 34) - 130, 777), (0, 2048), (1, 1), (2, 256), (4, 255)]);
        }
        for dtype in DType::ALL {
            for law in if dtype == DType::U32 { &[Law::Bits][..] } else { &floats } {
                let whole = Fill::new(77, law.clone(), dtype, 1 << 39).unwrap().with_seed(0x1234_5678_9abc_def0);
                let (kernel, params) = (Kernel::of(&whole), plan::Params::of(&whole));
                let table = whole.sampler().table.as_ref().map_or(&[][..], |table| table.words());
                for &(first, count) in &ranges {
                    let mut bits = vec![0; count];
                    compose(kernel, &params, table, Blockwise { first, bits: &mut bits });
                    let element = |bits: u32| {
                        let [low, high] =
                            if dtype.size() == 8 { widen(kernel, &params, table, bits) } else { [bits, 0] };
                        let bytes = (u64::from(low) | u64::from(high) << 32).to_le_bytes();
                        bytes.into_iter().take(dtype.size() as usize)
                    };
                    let expected: Vec<u8> = bits.into_iter().flat_map(element).collect();
                    for level in levels() {
                        let mut found = vec![0xa5; expected.len()];
                        let run = Run { kernel, params: &params, table, first, out: &mut found };
                        let is_there = fill(level, run);
                        assert!(!is_there || found == expected, "{level}: {} {first} {count}", kernel.name());
                    }
                }
            }
        }
    }
}
