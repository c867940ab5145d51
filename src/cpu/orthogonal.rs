//! The reference of `shaders/matrix/orthogonal.wgsl`: the same factor of the same matrix, by `faer` in f64.

use faer::Mat;
use faer::linalg::solvers::Qr;

use super::values;
use crate::error::{Error, Result};
use crate::request::orthogonal::Orthogonal;

/// Writes the tensor to `out`, little endian.
///
/// It needs about 24 bytes for each element of a matrix, and on two cores some 15 s for one of 4096 × 4096.
///
/// # Errors
/// [`Error::BufferTooSmall`] if `out` is shorter than [`Orthogonal::byte_count`], and those of [`Orthogonal::normals`].
///
/// ```
/// use weightinit::{DType, Layout, Orthogonal, cpu};
///
/// let rotation = Orthogonal::new(1.0, &[2, 2], Layout::Torch, DType::F64)?;
/// let mut bytes = [0; 32];
/// cpu::orthogonal(&rotation, &mut bytes)?;
/// let q: Vec<f64> = cpu::elements(DType::F64, &bytes).map(f64::from_bits).collect();
/// assert!((q[0] * q[2] + q[1] * q[3]).abs() < 1e-7);
/// assert!((q[0] * q[0] + q[1] * q[1] - 1.0).abs() < 1e-7);
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn orthogonal(request: &Orthogonal, out: &mut [u8]) -> Result<()> {
    let (needed, available) = (request.byte_count(), out.len() as u64);
    if needed > available {
        return Err(Error::BufferTooSmall { needed, available });
    }
    let size = request.dtype().size() as usize;
    if request.has_zeros() {
        out[..needed as usize].fill(0);
    }
    let [taps, tap] = request.taps();
    for matrix in 0..request.matrices() {
        let vectors = vectors(request, matrix)?;
        let tall = request.rows() >= request.columns();
        let place = request.place(matrix);
        let mut index = (place.start + tap) as usize * size;
        for row in 0..request.rows() as usize {
            for column in 0..request.columns() as usize {
                let value = if tall { vectors[(row, column)] } else { vectors[(column, row)] };
                // Through f32, as a GPU's.
                let bits = request.dtype().bits(f64::from((request.gain() * value) as f32));
                out[index..index + size].copy_from_slice(&bits.to_le_bytes()[..size]);
                index += taps as usize * size;
            }
        }
    }
    Ok(())
}

/// The orthonormal vectors as columns.
fn vectors(request: &Orthogonal, matrix: u64) -> Result<Mat<f64>> {
    let normals = values(&request.normals(matrix)?);
    let stride = request.stride() as usize;
    let (length, count) = (request.length() as usize, request.vectors() as usize);
    let qr = Qr::new(Mat::from_fn(length, count, |i, j| normals[j * stride + i]).as_ref());
    drop(normals);
    let signs: Vec<f64> = (0..count).map(|j| 1f64.copysign(qr.thin_R()[(j, j)])).collect();
    let mut q = qr.compute_thin_Q();
    for (j, sign) in signs.iter().enumerate() {
        for i in 0..length {
            q[(i, j)] *= sign;
        }
    }
    Ok(q)
}
