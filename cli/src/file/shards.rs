//! Checkpoints of several files, as Hugging Face's libraries name and index them.

use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::file::safetensors;
use crate::model::job::Tensor;

/// What an output's name ends with.
const EXTENSION: &str = ".safetensors";

/// A file of several: its name, and the tensors of the job that it holds.
#[derive(Debug, PartialEq)]
pub(crate) struct Shard {
    pub(crate) name: String,
    pub(crate) tensors: Range<usize>,
}

/// The files for tensors in their order: none is larger than `size` bytes, unless a single tensor is. They depend on
/// nothing else. One file that holds all has the plain name, and needs no index.
pub(crate) fn cut(tensors: &[Tensor], size: u64, stem: &str) -> Vec<Shard> {
    let (mut parts, mut first, mut bytes) = (Vec::new(), 0, safetensors::MOST_REST);
    for (number, tensor) in tensors.iter().enumerate() {
        let more = tensor.bytes().saturating_add(safetensors::most_entry(tensor));
        if number > first && bytes + more > size {
            parts.push(first..number);
            (first, bytes) = (number, safetensors::MOST_REST);
        }
        bytes = bytes.saturating_add(more);
    }
    parts.push(first..tensors.len());
    let count = parts.len();
    let name = |number| if count == 1 { format!("{stem}{EXTENSION}") } else { numbered(stem, number + 1, count) };
    parts.into_iter().enumerate().map(|(number, tensors)| Shard { name: name(number), tensors }).collect()
}

/// `model-00001-of-00003.safetensors`.
fn numbered(stem: &str, number: usize, count: usize) -> String {
    format!("{stem}-{number:05}-of-{count:05}{EXTENSION}")
}

/// The file of a rank: `rank-00003-of-00008.safetensors`.
pub(crate) fn of_rank(stem: &str, rank: u64, ranks: u64) -> String {
    format!("{stem}-{rank:05}-of-{ranks:05}{EXTENSION}")
}

/// Whether a file could be one of several under this stem.
pub(crate) fn is_numbered(name: &str, stem: &str) -> bool {
    let numbers = name.strip_prefix(stem).and_then(|name| name.strip_prefix('-'));
    let numbers = numbers.and_then(|name| name.strip_suffix(EXTENSION)).and_then(|name| name.split_once("-of-"));
    let is_number = |text: &str| text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(number, count)| is_number(number) && is_number(count))
}

/// What the index is called.
pub(crate) fn index_name(stem: &str) -> String {
    format!("{stem}{EXTENSION}.index.json")
}

/// The index: which file holds each tensor, and bytes of all. It is a function of the job alone.
pub(crate) fn index(tensors: &[Tensor], shards: &[Shard], notes: &Map<String, Value>) -> String {
    let mut metadata = json!({"total_size": tensors.iter().map(Tensor::bytes).sum::<u64>()});
    if let Some(fields) = metadata.as_object_mut() {
        fields.extend(notes.clone());
    }
    let mut files: Vec<_> = shards
        .iter()
        .flat_map(|shard| tensors[shard.tensors.clone()].iter().map(move |tensor| (tensor.name.clone(), shard)))
        .collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let files: Map<_, _> = files.into_iter().map(|(name, shard)| (name, json!(shard.name))).collect();
    format!("{:#}\n", json!({"metadata": metadata, "weight_map": files}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_several_files_are_known() {
        assert!(is_numbered("model-00001-of-00003.safetensors", "model"));
        assert!(is_numbered("model-100001-of-100003.safetensors", "model"));
        for name in [
            "model.safetensors",
            "model-1-of-3.safetensors",
            "model-00001-of-00003.bin",
            "other-00001-of-00003.safetensors",
            "model-0000a-of-00003.safetensors",
            "model-00001.safetensors",
        ] {
            assert!(!is_numbered(name, "model"), "{name}");
        }
        assert_eq!(of_rank("rank", 3, 8), "rank-00003-of-00008.safetensors");
    }
}
