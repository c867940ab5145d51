//! The reference of `shaders/matrix/orthogonal.wgsl`: the same factor of the same matrix, by `faer` in f64.

use faer::Mat;
use faer::linalg::solvers::Qr;

use crate::cpu::parallel::{in_chunks, values, zeros};
use crate::cpu::part::Part;
use crate::cpu::run::run;
use crate::error::Result;
use crate::request::Orthogonal;

/// Writes the part of the tensor that is asked for to `out`, little endian.
pub(super) fn orthogonal(request: &Orthogonal, asked: &Part<'_>, out: &mut [u8]) -> Result<()> {
    let size = request.dtype().size() as usize;
    if request.has_zeros() {
        out.fill(0);
    }
    let [taps, tap] = request.taps();
    for matrix in 0..request.matrices() {
        let elements = request.elements_of(matrix);
        if asked.before(elements.start) == asked.before(elements.end) {
            continue;
        }
        let vectors = vectors(request, matrix)?;
        let tall = request.rows() >= request.columns();
        let mut index = elements.start + tap;
        for row in 0..request.rows() as usize {
            for column in 0..request.columns() as usize {
                if let Some(position) = asked.position(index) {
                    let value = if tall { vectors[(row, column)] } else { vectors[(column, row)] };
                    // Through f32, as a GPU's.
                    let bits = request.dtype().bits(f64::from((request.gain() * value) as f32));
                    let first = position as usize * size;
                    out[first..first + size].copy_from_slice(&bits.to_le_bytes()[..size]);
                }
                index += taps;
            }
        }
    }
    Ok(())
}

/// The orthonormal vectors as columns.
fn vectors(request: &Orthogonal, matrix: u64) -> Result<Mat<f64>> {
    let fill = request.normals(matrix)?;
    let mut bytes = zeros(fill.byte_count())?;
    in_chunks(fill.elements().start, fill.dtype(), &mut bytes, |first, out| run(&fill, first, out));
    let normals = values(fill.dtype(), &bytes);
    drop(bytes);
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
