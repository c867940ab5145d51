//! A rank's slices of tensors, as PyTorch's DTensor and FSDP divide them (`torch.chunk`): `ceil(n / ranks)` each, the
//! last ones less or nothing.

use std::ops::Range;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::args::distributed::Partition;
use crate::model::dtype;
use crate::model::job::{Content, Tensor};
use crate::ranks::balance;

/// A rank's part of the tensors.
pub(crate) struct Part {
    pub(crate) tensors: Vec<Tensor>,
    /// Where each lies in its whole tensor: the offsets of its slice, as PyTorch's distributed checkpoints have them in
    /// .safetensors, and that tensor's shape. Of elements in their order, the number of the first is the offset.
    pub(crate) places: Map<String, Value>,
}

/// What `rank` of `ranks` has of `0..count`.
fn chunk(count: u64, rank: u64, ranks: u64) -> Range<u64> {
    let each = count.div_ceil(ranks);
    let end = |rank: u64| each.saturating_mul(rank).min(count);
    end(rank)..end(rank + 1)
}

/// The part of `rank` of `ranks`.
pub(crate) fn part(tensors: &[Tensor], partition: Partition, rank: u64, ranks: u64) -> Result<Part> {
    let mut part = Part { tensors: Vec::new(), places: Map::new() };
    let owners = match partition {
        Partition::Tensor => balance::share(&tensors.iter().map(Tensor::bytes).collect::<Vec<_>>(), ranks),
        _ => Vec::new(),
    };
    for (number, tensor) in tensors.iter().enumerate() {
        let shape = &tensor.shape;
        let (offsets, sliced) = match partition {
            Partition::Tensor if owners[number] == rank => (vec![0; shape.len()], tensor.clone()),
            // A scalar is not divided.
            Partition::Rows | Partition::Cols | Partition::Flat if shape.is_empty() && rank == 0 => {
                (Vec::new(), tensor.clone())
            }
            Partition::Rows | Partition::Cols if !shape.is_empty() => {
                let rows = chunk(shape[0], rank, ranks);
                let row: u64 = shape[1..].iter().product();
                let mut sizes = shape.clone();
                sizes[0] = rows.end - rows.start;
                let mut offsets = vec![0; shape.len()];
                offsets[0] = rows.start;
                (offsets, range(tensor, rows.start * row..rows.end * row, sizes)?)
            }
            Partition::Flat if !shape.is_empty() => {
                let elements = chunk(tensor.elements, rank, ranks);
                let sizes = vec![elements.end - elements.start];
                (vec![elements.start], range(tensor, elements, sizes)?)
            }
            _ => continue,
        };
        part.places.insert(tensor.name.clone(), json!({"saved_offsets": offsets, "global_shape": shape}));
        part.tensors.push(sliced);
    }
    Ok(part)
}

/// Elements of a tensor that follow one another, as a tensor of this shape.
fn range(tensor: &Tensor, elements: Range<u64>, shape: Vec<u64>) -> Result<Tensor> {
    let width = dtype::size(tensor.dtype);
    let count = elements.end - elements.start;
    let content = match &tensor.content {
        _ if count == 0 => Content::Nothing,
        Content::Request(request) => {
            let first = request.elements().start;
            Content::Request(request.range(first + elements.start..first + elements.end)?)
        }
        // Again and again from the first that is meant.
        Content::Integers(bytes) => {
            let mut bytes = bytes.clone();
            let turn = (elements.start * width % bytes.len().max(1) as u64) as usize;
            bytes.rotate_left(turn);
            Content::Integers(bytes)
        }
        Content::Nothing => Content::Nothing,
    };
    let kept = tensor.kept.as_ref().filter(|_| count > 0).map(|kept| kept.range(elements.start * width, count * width));
    Ok(Tensor { shape, elements: count, content, kept, ..tensor.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `torch.chunk(torch.arange(n), ranks)` gives, and nothing for ranks that it has no chunk for.
    #[test]
    fn chunks_are_those_of_torch() {
        let of = |count, ranks| (0..ranks).map(|rank| chunk(count, rank, ranks)).collect::<Vec<_>>();
        assert_eq!(of(8, 2), [0..4, 4..8]);
        assert_eq!(of(10, 4), [0..3, 3..6, 6..9, 9..10]);
        assert_eq!(of(6, 4), [0..2, 2..4, 4..6, 6..6]);
        assert_eq!(of(1, 3), [0..1, 1..1, 1..1]);
        assert_eq!(of(0, 2), [0..0, 0..0]);
        assert_eq!(chunk(u64::MAX, 9_999_999, 10_000_000).end, u64::MAX);
    }
}
