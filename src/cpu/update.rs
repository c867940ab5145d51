//! Updates of bytes in memory: the elements of a part of the tensor as a fill makes them, then each into its place.

use crate::cpu::compose::{updated, writes};
use crate::cpu::parallel::{bits, in_chunks};
use crate::cpu::run::run;
use crate::cpu::slice::slice;
use crate::error::Result;
use crate::plan::{Kernel, Params};
use crate::request::{Slice, Update};

/// Updates the elements that `bytes` holds, on all cores with feature `rayon`.
pub(super) fn update(update: &Update, bytes: &mut [u8]) -> Result<()> {
    let Some((fill, skipped)) = update.concerned()? else { return Ok(()) };
    let bytes = &mut bytes[skipped as usize..][..fill.byte_count() as usize];
    let (kernel, params) = (Kernel::of_update(update), Params::of_update(update));
    let size = fill.dtype().size() as usize;
    in_chunks(fill.elements().start, fill.dtype(), bytes, |first, bytes| {
        let mut samples = vec![0; bytes.len()];
        run(&fill, first, &mut samples);
        let count = (bytes.len() / size) as u32;
        let params = Params { origin: [first as u32, (first >> 32) as u32], head: 0, tail: count, ..params };
        let elements = bytes.chunks_exact_mut(size).zip(samples.chunks_exact(size));
        for (_, (element, sample)) in (0..count).zip(elements).filter(|(slot, _)| writes(kernel, &params, *slot)) {
            change(kernel, &params, element, sample);
        }
    });
    Ok(())
}

/// Updates the elements of a slice from number `first` on, which `bytes` holds.
pub(super) fn update_slice(update: &Update, part: &Slice, first: u64, bytes: &mut [u8]) {
    let (fill, kernel, params) = (update.fill(), Kernel::of_update(update), Params::of_update(update));
    let size = fill.dtype().size() as usize;
    in_chunks(first, fill.dtype(), bytes, |first, bytes| {
        let mut samples = vec![0; bytes.len()];
        slice(fill, part, first, &mut samples);
        for (element, sample) in bytes.chunks_exact_mut(size).zip(samples.chunks_exact(size)) {
            change(kernel, &params, element, sample);
        }
    });
}

/// Updates one element.
fn change(kernel: Kernel, params: &Params, element: &mut [u8], sample: &[u8]) {
    match element.len() {
        // Of 64 bits there is no arithmetic.
        8 => element.copy_from_slice(sample),
        size => {
            let changed = updated(kernel, params, bits(element) as u32, bits(sample) as u32);
            element.copy_from_slice(&changed.to_le_bytes()[..size]);
        }
    }
}
