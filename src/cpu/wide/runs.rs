//! Runs of a few elements, whose blocks are computed together. One long run has a file of its own, which need not find
//! out where blocks come from.

use std::slice::from_ref;

use bytemuck::{cast_slice, pod_read_unaligned};

use super::generator::Generator;
use super::group::{LARGEST, store};
use super::level::{COUNTED, Level, MOST_BLOCKS};
use super::vectors::Vectors;
use crate::arithmetic::generator::params::Params;
use crate::plan::Kernel;

/// Blocks of the largest group.
const MOST: usize = 2 * MOST_BLOCKS;

/// Fills `out` with runs of elements, each by its first element and how many it has, one after the other. Blocks of
/// short runs are computed together.
#[inline(always)]
pub(in crate::cpu) fn runs<L: Level, const UNITS: usize>(
    level: L,
    kernel: Kernel,
    (params, table): (&Params, &[u32]),
    mut runs: impl Iterator<Item = (u64, u64)>,
    mut out: &mut [u8],
) {
    let (blocks, size) = (UNITS * L::BLOCKS, kernel.dtype().size() as usize);
    let (mut numbers, mut parts) = ([0; MOST + MOST_BLOCKS], [(0, 0); MOST]);
    // With what the last copy may take beyond the last block.
    let mut group = [0; LARGEST + 4 * size_of::<u64>()];
    let mut upper = 0;
    let mut generator = Generator::new(level, params, upper, size == 2);
    let (mut first, mut left) = (0, 0);
    loop {
        let (mut taken, mut count, mut is_whole) = (0, 0, false);
        while taken < blocks {
            if left == 0 {
                let Some(run) = runs.next() else { break };
                (first, left) = run;
            }
            let (block, lane) = (first / 4, first % 4);
            if (block >> 32) as u32 != upper {
                if taken > 0 {
                    break;
                }
                upper = (block >> 32) as u32;
                generator = Generator::new(level, params, upper, size == 2);
            }
            if lane + left <= 4 {
                parts[count] = (4 * taken + lane as usize, left as usize);
                numbers[taken] = block as u32;
                (taken, count, left) = (taken + 1, count + 1, 0);
                continue;
            }
            // No blocks whose numbers have another upper word.
            let room = ((blocks - taken) as u64).min((1 << 32) - u64::from(block as u32));
            let some = left.min(4 * room - lane);
            let end = taken + (lane + some).div_ceil(4) as usize;
            parts[count] = (4 * taken + lane as usize, some as usize);
            count_from(level, block as u32, &mut numbers[taken..], end - taken);
            is_whole = some == 4 * blocks as u64;
            (taken, count, first, left) = (end, count + 1, first + some, left - some);
        }
        if count == 0 {
            break;
        }
        let words = generator.words_at::<UNITS>(&numbers);
        let bytes = 4 * blocks * size;
        let whole = if is_whole { out.split_off_mut(..bytes) } else { None };
        let is_whole = whole.is_some();
        store(Vectors(level), kernel, (params, table), words, whole.unwrap_or(&mut group[..bytes]));
        if is_whole {
            continue;
        }
        let parts = &parts[..count];
        let done = match size {
            1 => put_parts::<4>(&group, parts, out),
            2 => put_parts::<8>(&group, parts, out),
            4 => put_parts::<16>(&group, parts, out),
            _ => put_parts::<32>(&group, parts, out),
        };
        out = out.split_off_mut(done..).unwrap_or_default();
    }
}

/// Writes the numbers of so many blocks from one on; what comes after the last is for others to write over.
#[inline(always)]
fn count_from<L: Level>(level: L, first: u32, numbers: &mut [u32], count: usize) {
    let counted = pod_read_unaligned::<L::u32s>(&cast_slice(&COUNTED)[..size_of::<L::u32s>()]);
    for start in (0..count).step_by(L::U32_LANES) {
        let vector = level.add_u32s(level.splat_u32s(first.wrapping_add(start as u32)), counted);
        numbers[start..][..L::U32_LANES].copy_from_slice(cast_slice(from_ref(&vector)));
    }
}

/// Copies parts of a group to the beginning of `out`, each by its first element and how many it has, and counts the
/// bytes. While there is room, a block at a time, which are so many bytes; the last may bring some that others will be
/// written over.
#[inline(always)]
fn put_parts<const BLOCK: usize>(group: &[u8], parts: &[(usize, usize)], out: &mut [u8]) -> usize {
    let mut end = 0;
    for &(first, count) in parts {
        let (mut from, mut at) = (first * BLOCK / 4, end);
        end += count * BLOCK / 4;
        if end + BLOCK <= out.len() {
            while at < end {
                out[at..][..BLOCK].copy_from_slice(&group[from..][..BLOCK]);
                (from, at) = (from + BLOCK, at + BLOCK);
            }
        } else {
            let last = end.min(out.len());
            out[at..last].copy_from_slice(&group[from..][..last - at]);
        }
    }
    end.min(out.len())
}
