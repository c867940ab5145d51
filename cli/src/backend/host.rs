//! What the host puts into chunks: integers, what is kept of a checkpoint, and orthogonal tensors, which are computed
//! whole.

use anyhow::Result;
use weightinit::{Orthogonal, Request, cpu};

use crate::backend::chunk::Chunk;
use crate::limits;
use crate::model::dtype;
use crate::model::job::{Content, Tensor};

/// Computes the bytes of an orthogonal tensor.
type Compute<'a> = &'a dyn Fn(&Orthogonal) -> Result<Vec<u8>>;

/// Writes the host's part of chunks, which come in order.
#[derive(Default)]
pub(crate) struct Host {
    /// Whether orthogonal tensors are computed by the CPU in any case: the bits of devices differ, and a tensor's
    /// chunks need not all come from this run or this device.
    portable: bool,
    /// The orthogonal tensor that chunks are in, and its bytes.
    current: Option<(usize, Vec<u8>)>,
}

impl Host {
    /// For chunks that go together with those of other runs or devices.
    pub(crate) fn portable() -> Self {
        Self { portable: true, current: None }
    }

    /// Writes into the bytes of `chunk`; a device's way to orthogonal tensors is `compute`.
    pub(super) fn write(
        &mut self,
        tensors: &[Tensor],
        chunk: &Chunk,
        bytes: &mut [u8],
        compute: Compute<'_>,
    ) -> Result<()> {
        for piece in &chunk.pieces {
            let range = piece.offset as usize..(piece.offset + piece.bytes) as usize;
            match &tensors[piece.tensor].content {
                Content::Integers(elements) => {
                    let first = (piece.elements.start * dtype::size(tensors[piece.tensor].dtype)) as usize;
                    let begun = &elements[first % elements.len()..];
                    let (head, rest) = bytes[range].split_at_mut(begun.len().min(piece.bytes as usize));
                    head.copy_from_slice(&begun[..head.len()]);
                    rest.chunks_mut(elements.len()).for_each(|out| out.copy_from_slice(&elements[..out.len()]));
                }
                Content::Request(Request::Orthogonal(orthogonal)) => {
                    let whole = orthogonal.range(0..orthogonal.tensor_len())?;
                    let computed = match self.current.take() {
                        Some((tensor, bytes)) if tensor == piece.tensor => bytes,
                        _ if self.portable => by_cpu(&whole)?,
                        _ => compute(&whole)?,
                    };
                    let first = orthogonal.elements().start + piece.elements.start;
                    let start = (first * orthogonal.dtype().size()) as usize;
                    bytes[range].copy_from_slice(&computed[start..start + piece.bytes as usize]);
                    self.current = Some((piece.tensor, computed));
                }
                // Each rank computes the whole matrix, and keeps its slice.
                Content::Request(Request::Slice(sliced)) if sliced.orthogonal().is_some() => {
                    let computed = match self.current.take() {
                        Some((tensor, bytes)) if tensor == piece.tensor => bytes,
                        _ => {
                            check_matrix_room(sliced.orthogonal())?;
                            cpu::bytes(sliced)?
                        }
                    };
                    let start = (piece.elements.start * sliced.dtype().size()) as usize;
                    bytes[range].copy_from_slice(&computed[start..start + piece.bytes as usize]);
                    self.current = Some((piece.tensor, computed));
                }
                Content::Request(_) | Content::Nothing => {}
            }
            if let Some(kept) = &tensors[piece.tensor].kept {
                let first = piece.elements.start * dtype::size(tensors[piece.tensor].dtype);
                kept.copy(first, &mut bytes[piece.offset as usize..(piece.offset + piece.bytes) as usize])?;
            }
        }
        Ok(())
    }
}

/// An orthogonal tensor by the CPU reference.
pub(super) fn by_cpu(orthogonal: &Orthogonal) -> Result<Vec<u8>> {
    check_matrix_room(Some(orthogonal))?;
    Ok(cpu::bytes(orthogonal)?)
}

fn check_matrix_room(orthogonal: Option<&Orthogonal>) -> Result<()> {
    let Some(orthogonal) = orthogonal else { return Ok(()) };
    // The samples as f32 and f64, the factors of one matrix in f64, and the elements.
    let matrix = orthogonal.rows().saturating_mul(orthogonal.columns());
    let needed = matrix.saturating_mul(36).saturating_add(orthogonal.byte_count());
    limits::check_room("an orthogonal tensor", needed)
}
