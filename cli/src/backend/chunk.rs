//! Chunks: the data of a file cut into pieces of bounded size, whatever the model's.

use std::ops::Range;

use crate::model::job::Tensor;

/// Bytes of a chunk where nothing else is better: a multiple of every element's size, large enough to hide what each
/// submission costs.
pub(crate) const CHUNK: u64 = 32 << 20;

/// Elements of one tensor that lie in a chunk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    /// Index of the tensor in the job.
    pub(crate) tensor: usize,
    /// Its elements.
    pub(crate) elements: Range<u64>,
    /// Where they begin in the chunk, in bytes.
    pub(crate) offset: u64,
    /// How many bytes they have.
    pub(crate) bytes: u64,
}

/// A run of bytes of the file's data.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chunk {
    /// Where it begins in the file.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) pieces: Vec<Piece>,
}

impl Chunk {
    pub(crate) fn elements(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.elements.end - piece.elements.start).sum()
    }
}

/// The chunks of `tensors` laid end to end from `offset` in a file on, of at most `size` bytes each, a multiple of
/// every element's size.
pub(crate) fn chunks(tensors: &[Tensor], mut offset: u64, size: u64) -> impl Iterator<Item = Chunk> {
    let (mut tensor, mut done) = (0, 0);
    std::iter::from_fn(move || {
        let mut chunk = Chunk { offset, bytes: 0, pieces: Vec::new() };
        while chunk.bytes < size && tensor < tensors.len() {
            let Tensor { dtype, elements, .. } = tensors[tensor];
            if elements == 0 {
                tensor += 1;
                continue;
            }
            let width = crate::model::dtype::size(dtype);
            let count = (elements - done).min((size - chunk.bytes) / width);
            if count == 0 {
                break;
            }
            let bytes = count * width;
            chunk.pieces.push(Piece { tensor, elements: done..done + count, offset: chunk.bytes, bytes });
            chunk.bytes += bytes;
            done += count;
            if done == elements {
                (tensor, done) = (tensor + 1, 0);
            }
        }
        offset += chunk.bytes;
        (!chunk.pieces.is_empty()).then_some(chunk)
    })
}
