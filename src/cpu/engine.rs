//! The engine: requests into memory.

#[cfg(feature = "faer")]
use crate::cpu::orthogonal::orthogonal;
use crate::cpu::parallel::{bits, destination, in_chunks, values as values_of, zeros};
use crate::cpu::part::Part;
use crate::cpu::run::run;
use crate::cpu::slice::slice;
use crate::cpu::update::{update, update_slice};
use crate::dtype::DType;
#[cfg(doc)]
use crate::error::DeviceError;
use crate::error::Result;
use crate::request::{Request, Slice, Sliced, Whole};

/// Bytes that are written at a time before they go to their places in a box.
const BOX_CHUNK: u64 = 4 << 20;

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
    let out = destination(request.span(), out)?;
    if let Some((place, compact)) = request.in_box() {
        return in_box(place, &compact, out);
    }
    match &request {
        Request::Fill(fill) => in_chunks(fill.elements().start, fill.dtype(), out, |first, out| run(fill, first, out)),
        Request::Orthogonal(request) => orthogonal(request, &Part::Range(request.elements()), out)?,
        Request::Update(request) => update(request, out)?,
        Request::Slice(request) => sliced(request, out)?,
    }
    Ok(())
}

/// Writes elements that do not lie one after the other, by way of some that do.
fn in_box(place: &Slice, compact: &Request, out: &mut [u8]) -> Result<()> {
    let (elements, size) = (compact.elements(), compact.dtype().size());
    let count = if compact.is_made_whole() { compact.element_count() } else { BOX_CHUNK / size };
    // Nothing else reads what is there.
    let is_update = matches!(compact, Request::Slice(sliced) if matches!(sliced.of(), Whole::Update(_)));
    let mut together = Vec::new();
    // Of a slice there may be nothing.
    for start in elements.clone().step_by(count.max(1) as usize) {
        let range = start..elements.end.min(start + count);
        if is_update {
            place.gather(range.clone(), size, out, &mut together);
        } else {
            together.resize(((range.end - start) * size) as usize, 0);
        }
        write(&compact.range(range.clone())?, &mut together)?;
        place.scatter(range, size, &together, out);
    }
    Ok(())
}

fn sliced(request: &Sliced, out: &mut [u8]) -> Result<()> {
    let (elements, part) = (request.elements(), request.slice());
    match request.of() {
        Whole::Fill(fill) => in_chunks(elements.start, fill.dtype(), out, |first, out| slice(fill, part, first, out)),
        Whole::Orthogonal(request) => orthogonal(request, &Part::Slice(part, elements), out)?,
        Whole::Update(update) => update_slice(update, part, elements.start, out),
    }
    Ok(())
}

#[cfg(not(feature = "faer"))]
fn orthogonal(_: &crate::Orthogonal, _: &Part<'_>, _: &mut [u8]) -> Result<()> {
    Err(crate::error::DeviceError::NeedsFeature { what: "orthogonal tensors on the CPU", feature: "faer" }.into())
}

/// The same on the calling thread, where the request is a fill or a slice of one whose elements lie one after the
/// other.
///
/// # Errors
/// Those of [`write()`].
pub fn write_serial(request: &(impl Into<Request> + Clone), out: &mut [u8]) -> Result<()> {
    let request = request.clone().into();
    if request.in_box().is_some() {
        return write(&request, out);
    }
    let destination = |out| destination(request.byte_count(), out);
    match &request {
        Request::Fill(fill) => run(fill, fill.elements().start, destination(out)?),
        Request::Slice(request) => match request.of() {
            Whole::Fill(fill) => slice(fill, request.slice(), request.elements().start, destination(out)?),
            _ => return write(request, out),
        },
        other => return write(other, out),
    }
    Ok(())
}

/// The elements of a request as bytes, little endian; zeros around those of a slice in a box of a larger array.
///
/// # Errors
/// [`DeviceError::BufferTooSmall`] if they do not fit in this machine's address space, [`DeviceError::OutOfMemory`] if
/// it has no memory for them, and those of [`write()`].
pub fn bytes(request: &(impl Into<Request> + Clone)) -> Result<Vec<u8>> {
    let request = request.clone().into();
    let mut out = zeros(request.span())?;
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
