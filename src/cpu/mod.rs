//! The CPU reference: the shaders' functions in Rust, file for file and function for function, as a full backend.
//!
//! It gives the same bits as every GPU, and is what GPUs are checked against.

mod batch;
pub(crate) mod compose;
mod dispatch;
mod level;
#[cfg(feature = "faer")]
mod orthogonal;
#[cfg(feature = "rand_core")]
mod rng;
mod run;
mod update;

pub use dispatch::dispatch;
#[cfg(feature = "faer")]
pub use orthogonal::orthogonal;
#[cfg(feature = "rand_core")]
pub use rng::PhiloxRng;
pub use update::update;

use crate::error::{Error, Result};
use crate::request::fill::Fill;

/// Bytes that one task fills: enough to hide a task's cost, few enough to spread small tensors over all cores.
const CHUNK: usize = 1 << 18;

/// Fills `out` with the elements of `fill`, little endian, on all cores (with feature `rayon`, else as
/// [`fill_serial`]). Bytes after the last element are left alone.
///
/// # Errors
/// [`Error::BufferTooSmall`] if `out` is shorter than [`Fill::byte_count`].
///
/// ```
/// use weightinit::{DType, Fill, Law, cpu};
///
/// let fill = Fill::new(Law::Bits, DType::U32, 4)?;
/// let mut out = [0; 16];
/// cpu::fill(&fill, &mut out)?;
/// assert_eq!(out[..4], 0x6627e8d5u32.to_le_bytes());
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn fill(fill: &Fill, out: &mut [u8]) -> Result<()> {
    let out = destination(fill, out)?;
    in_chunks(fill, out, |first, out| run::run(fill, first, out));
    Ok(())
}

/// Fills `out` with the elements of `fill`, little endian, on the calling thread.
///
/// # Errors
/// [`Error::BufferTooSmall`] if `out` is shorter than [`Fill::byte_count`].
pub fn fill_serial(fill: &Fill, out: &mut [u8]) -> Result<()> {
    let out = destination(fill, out)?;
    run::run(fill, fill.elements().start, out);
    Ok(())
}

/// The elements of `fill` as bytes, little endian.
///
/// # Errors
/// [`Error::BufferTooSmall`] if they do not fit in this machine's address space.
pub fn bytes(fill: &Fill) -> Result<Vec<u8>> {
    let length = isize::try_from(fill.byte_count())
        .map_err(|_| Error::BufferTooSmall { needed: fill.byte_count(), available: isize::MAX as u64 })?;
    let mut out = vec![0; length as usize];
    self::fill(fill, &mut out)?;
    Ok(out)
}

/// The elements of `fill` as numbers, each exactly.
///
/// ```
/// use weightinit::{DType, Fill, Law, cpu};
///
/// assert_eq!(cpu::values(&Fill::new(Law::Constant(0.5), DType::BF16, 2)?), [0.5, 0.5]);
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn values(fill: &Fill) -> Vec<f64> {
    let dtype = fill.dtype();
    let mut out = vec![0; fill.byte_count() as usize];
    run::run(fill, fill.elements().start, &mut out);
    elements(dtype, &out).map(|bits| dtype.value(bits)).collect()
}

/// The bits of the elements that `bytes` holds.
pub fn elements(dtype: crate::DType, bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.chunks_exact(dtype.size() as usize).map(|element| {
        let mut word = [0; 8];
        word[..element.len()].copy_from_slice(element);
        u64::from_le_bytes(word)
    })
}

/// Calls `work` with parts of `out`, the bytes of `fill`, and the index of each part's first element; on all cores with
/// feature `rayon`.
fn in_chunks(fill: &Fill, out: &mut [u8], work: impl Fn(u64, &mut [u8]) + Sync) {
    let (start, elements) = (fill.elements().start, CHUNK as u64 / fill.dtype().size());
    let work = |(chunk, out)| work(start + chunk as u64 * elements, out);
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        out.par_chunks_mut(CHUNK).enumerate().for_each(work);
    }
    #[cfg(not(feature = "rayon"))]
    out.chunks_mut(CHUNK).enumerate().for_each(work);
}

fn destination<'a>(fill: &Fill, out: &'a mut [u8]) -> Result<&'a mut [u8]> {
    let (needed, available) = (fill.byte_count(), out.len() as u64);
    if needed > available {
        return Err(Error::BufferTooSmall { needed, available });
    }
    Ok(&mut out[..needed as usize])
}
