//! The engine: requests into memory.

#[cfg(feature = "faer")]
use crate::cpu::orthogonal::orthogonal;
use crate::cpu::parallel::{bits, destination, in_chunks, values as values_of, zeros};
use crate::cpu::run::run;
use crate::cpu::update::update;
use crate::dtype::DType;
#[cfg(doc)]
use crate::error::DeviceError;
use crate::error::Result;
use crate::request::Request;

/// Writes the elements of a request to the beginning of `out`, little endian, on all cores (with feature `rayon`, else
/// on the calling thread). Bytes after the last element are left alone. An update finds there what it changes.
///
/// An orthogonal tensor needs about 24 bytes for each element of a matrix, and on two cores some 15 s for one of 4096 ×
/// 4096; of a part of it all is computed.
///
/// # Errors
/// [`DeviceError::BufferTooSmall`] if `out` is shorter than the request;
/// [`DeviceError::NeedsFeature`] for orthogonal tensors without feature `faer`.
///
/// ```
/// use weightinit::{DType, Fill, Law, cpu};
///
/// let fill = Fill::new(0, Law::Bits, DType::U32, 4)?;
/// let mut out = [0; 16];
/// cpu::write(&fill, &mut out)?;
/// assert_eq!(out[..4], 0x6627e8d5u32.to_le_bytes());
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn write(request: &(impl Into<Request> + Clone), out: &mut [u8]) -> Result<()> {
    let request = request.clone().into();
    let out = destination(request.byte_count(), out)?;
    match &request {
        Request::Fill(fill) => in_chunks(fill.elements().start, fill.dtype(), out, |first, out| run(fill, first, out)),
        #[cfg(feature = "faer")]
        Request::Orthogonal(request) => orthogonal(request, out)?,
        #[cfg(not(feature = "faer"))]
        Request::Orthogonal(_) => {
            return Err(crate::Error::Device(crate::error::DeviceError::NeedsFeature {
                what: "orthogonal tensors on the CPU",
                feature: "faer",
            }));
        }
        Request::Update(request) => update(request, out)?,
    }
    Ok(())
}

/// The same on the calling thread, where the request is a fill.
///
/// # Errors
/// Those of [`write()`].
pub fn write_serial(request: &(impl Into<Request> + Clone), out: &mut [u8]) -> Result<()> {
    match request.clone().into() {
        Request::Fill(fill) => {
            run(&fill, fill.elements().start, destination(fill.byte_count(), out)?);
            Ok(())
        }
        other => write(&other, out),
    }
}

/// The elements of a request as bytes, little endian.
///
/// # Errors
/// [`DeviceError::BufferTooSmall`] if they do not fit in this machine's address space, and those of
/// [`write()`].
pub fn bytes(request: &(impl Into<Request> + Clone)) -> Result<Vec<u8>> {
    let request = request.clone().into();
    let mut out = zeros(request.byte_count())?;
    write(&request, &mut out)?;
    Ok(out)
}

/// The elements of a request as numbers, each exactly.
///
/// # Errors
/// Those of [`bytes`].
///
/// ```
/// use weightinit::{DType, Fill, Law, cpu};
///
/// assert_eq!(cpu::values(&Fill::new(0, Law::Constant(0.5), DType::BF16, 2)?)?, [0.5, 0.5]);
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn values(request: &(impl Into<Request> + Clone)) -> Result<Vec<f64>> {
    let request = request.clone().into();
    Ok(values_of(request.dtype(), &bytes(&request)?))
}

/// The bits of the elements that `bytes` holds.
pub fn elements(dtype: DType, bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.chunks_exact(dtype.size() as usize).map(bits)
}
