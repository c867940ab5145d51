//! The header of a .safetensors file, of a job's tensors.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use weightinit_common::file::safetensors::{self, Info};

use crate::model::job::Tensor;

pub(crate) use weightinit_common::file::safetensors::notes;

/// The bytes before the data, as a function of the tensors and the notes alone.
pub(crate) fn header(tensors: &[Tensor], notes: &Map<String, Value>) -> Result<Vec<u8>> {
    // What an entry has at least; asked before seconds are spent on what is too long.
    let least = tensors.iter().map(|tensor| tensor.name.len() + LEAST_ENTRY + 2 * tensor.shape.len()).sum();
    safetensors::check_length(least)?;
    let mut end = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        let start = end;
        let bytes = usize::try_from(tensor.bytes()).ok();
        end = bytes.and_then(|bytes| bytes.checked_add(start)).context("the model is too large for this machine")?;
        let shape = tensor.shape.iter().map(|&d| d as usize).collect();
        infos.push((tensor.name.clone(), Info { dtype: tensor.dtype, shape, data_offsets: (start, end) }));
    }
    safetensors::header(infos, notes)
}

/// What the notes call the digest of all that decides a file's bytes.
pub(crate) const DIGEST: &str = "weightinit_digest";

/// Bytes of a file beside its tensors and their entries, with a digest among the notes: no more than this.
pub(crate) const MOST_REST: u64 = 256;

/// Bytes of a tensor's entry: no more than this, wherever in the file its data are.
pub(crate) fn most_entry(tensor: &Tensor) -> u64 {
    const DIGITS: usize = 20;
    let name = json!(tensor.name).to_string().len();
    let shape: usize = tensor.shape.iter().map(|size| 2 + size.checked_ilog10().unwrap_or(0) as usize).sum();
    (name + LEAST_ENTRY + "F8_E4M3FNUZ".len() + shape + 2 * DIGITS) as u64
}

/// Bytes of the shortest entry but for its name and its dimensions.
const LEAST_ENTRY: usize = r#"":{"dtype":"U8","shape":[],"data_offsets":[0,0]}"#.len();
