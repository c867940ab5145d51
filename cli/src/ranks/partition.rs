//! A rank's slices of tensors, as PyTorch's DTensor and FSDP divide them (`torch.chunk`): `ceil(n / ranks)` each, the
//! last ones less or nothing.

use std::ops::Range;

use anyhow::Result;
use serde_json::{Map, Value, json};
use weightinit::request::{Slice, chunk};

use crate::args::distributed::Partition;
use crate::model::dtype;
use crate::model::header::RANK_NOTES;
use crate::model::job::{Content, Tensor};
use crate::ranks::balance;

/// A rank's part of the tensors.
pub(crate) struct Part {
    pub(crate) tensors: Vec<Tensor>,
    /// Where each lies in its whole tensor: the offsets of its slice, as PyTorch's distributed checkpoints have them in
    /// .safetensors, and that tensor's shape. Of elements in their order, the number of the first is the offset.
    pub(crate) places: Map<String, Value>,
}

impl Part {
    /// What the header of the file of `rank` of `ranks` says of its part.
    pub(crate) fn notes(&self, partition: Partition, rank: u64, ranks: u64) -> [(&'static str, String); 4] {
        let [of, whose, of_how_many, places] = RANK_NOTES;
        [
            (of, partition.name()),
            (whose, rank.to_string()),
            (of_how_many, ranks.to_string()),
            (places, Value::Object(self.places.clone()).to_string()),
        ]
    }
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
            Partition::Cols if shape.len() > 1 => columns(tensor, chunk(shape[1], ranks, rank))?,
            Partition::Rows | Partition::Cols if !shape.is_empty() => {
                let rows = chunk(shape[0], ranks, rank);
                let row: u64 = shape[1..].iter().product();
                let mut sizes = shape.clone();
                sizes[0] = rows.end - rows.start;
                let mut offsets = vec![0; shape.len()];
                offsets[0] = rows.start;
                (offsets, range(tensor, rows.start * row..rows.end * row, sizes)?)
            }
            Partition::Flat if !shape.is_empty() => {
                let elements = chunk(tensor.elements, ranks, rank);
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

/// Of dimension 1 these, with their offsets in the tensor.
fn columns(tensor: &Tensor, columns: Range<u64>) -> Result<(Vec<u64>, Tensor)> {
    let shape = &tensor.shape;
    let width = dtype::size(tensor.dtype);
    let (mut offsets, mut sizes) = (vec![0; shape.len()], shape.clone());
    (offsets[1], sizes[1]) = (columns.start, columns.end - columns.start);
    let elements = sizes.iter().product();
    if elements == 0 {
        let empty = Tensor { shape: sizes, elements, content: Content::Nothing, kept: None, ..tensor.clone() };
        return Ok((offsets, empty));
    }
    let slice = Slice::new(shape, &offsets, &sizes)?;
    let content = match &tensor.content {
        Content::Request(request) => Content::Request(request.slice(&slice)?),
        Content::Integers(bytes) if bytes.len() as u64 == width => Content::Integers(bytes.clone()),
        // Lists are short: each of their elements is written out.
        Content::Integers(bytes) => {
            let element = |position| {
                let first = (slice.source(position) * width) as usize % bytes.len().max(1);
                bytes[first..first + width as usize].iter().copied()
            };
            Content::Integers((0..elements).flat_map(element).collect())
        }
        Content::Nothing => Content::Nothing,
    };
    let inner: u64 = shape[2..].iter().product::<u64>() * width;
    let kept = tensor.kept.as_ref().map(|kept| kept.columns(offsets[1] * inner, sizes[1] * inner, shape[1] * inner));
    Ok((offsets, Tensor { shape: sizes, elements, content, kept, ..tensor.clone() }))
}
