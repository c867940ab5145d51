//! A run of elements, a group of units at a time.

use super::generator::Generator;
use super::group::{LARGEST, store};
use super::level::Level;
use super::vectors::Vectors;
use crate::arithmetic::generator::params::Params;
use crate::plan::Kernel;

/// Fills `out` with the elements from `first` on.
#[inline(always)]
pub(in crate::cpu) fn run<L: Level, const UNITS: usize>(
    level: L,
    kernel: Kernel,
    (params, table): (&Params, &[u32]),
    first: u64,
    mut out: &mut [u8],
) {
    let (blocks, size) = (UNITS * L::BLOCKS, kernel.dtype().size() as usize);
    let (mut block, mut skipped) = (first / 4, (first % 4) as usize);
    let mut group = [0; LARGEST];
    let group = &mut group[..4 * blocks * size];
    while !out.is_empty() {
        // All blocks whose numbers have the same upper word.
        let generator = Generator::new(level, params, (block >> 32) as u32, size == 2);
        let mut left = (1 << 32) - u64::from(block as u32);
        while left > 0 && !out.is_empty() {
            let wanted = blocks.min(left as usize);
            let count = (4 * wanted - skipped).min(out.len() / size);
            let part = out.split_off_mut(..count * size).expect("no more than there is");
            let is_whole = part.len() == group.len();
            let words = generator.words::<UNITS>(block as u32);
            store(Vectors(level), kernel, (params, table), words, if is_whole { &mut *part } else { &mut *group });
            if !is_whole {
                part.copy_from_slice(&group[skipped * size..][..part.len()]);
            }
            (block, left, skipped) = (block + wanted as u64, left - wanted as u64, 0);
        }
    }
}
