//! Work on all cores.

use crate::dtype::DType;
use crate::error::{DeviceError, Error, Result};

/// Bytes that one task fills: enough to hide a task's cost, few enough to spread small tensors over all cores.
const CHUNK: usize = 1 << 18;

/// Calls `work` with parts of `out`, which holds elements of `dtype` from index `first` on, and the index of each
/// part's first element; on all cores with feature `rayon`.
pub(super) fn in_chunks(first: u64, dtype: DType, out: &mut [u8], work: impl Fn(u64, &mut [u8]) + Sync) {
    let elements = CHUNK as u64 / dtype.size();
    let work = |(chunk, out)| work(first + chunk as u64 * elements, out);
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        out.par_chunks_mut(CHUNK).enumerate().for_each(work);
    }
    #[cfg(not(feature = "rayon"))]
    out.chunks_mut(CHUNK).enumerate().for_each(work);
}

/// The bits of an element.
pub(super) fn bits(element: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..element.len()].copy_from_slice(element);
    u64::from_le_bytes(word)
}

/// The values of the elements that `bytes` holds, on all cores with feature `rayon`.
pub(super) fn values(dtype: DType, bytes: &[u8]) -> Vec<f64> {
    let value = |element: &[u8]| dtype.value(bits(element));
    let size = dtype.size() as usize;
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        bytes.par_chunks_exact(size).with_min_len(CHUNK / size).map(value).collect()
    }
    #[cfg(not(feature = "rayon"))]
    bytes.chunks_exact(size).map(value).collect()
}

/// The first `needed` bytes of `out`.
pub(super) fn destination(needed: u64, out: &mut [u8]) -> Result<&mut [u8]> {
    let available = out.len() as u64;
    if needed > available {
        return Err(DeviceError::BufferTooSmall { needed, available }.into());
    }
    Ok(&mut out[..needed as usize])
}

/// `len` zeros, if this machine can hold so many.
pub(super) fn zeros(len: u64) -> Result<Vec<u8>> {
    let refused = || Error::Device(DeviceError::BufferTooSmall { needed: len, available: isize::MAX as u64 });
    let length = isize::try_from(len).map_err(|_| refused())? as usize;
    // Zeros have no call that may fail.
    Vec::<u8>::new().try_reserve_exact(length).map_err(|_| DeviceError::OutOfMemory)?;
    Ok(vec![0; length])
}
