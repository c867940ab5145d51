//! The header of a .safetensors file.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use safetensors::tensor::{Metadata, TensorInfo};
use serde_json::{Map, Value, json};

use crate::file::ALIGNMENT;
use crate::model::header;
use crate::model::job::Tensor;

/// The bytes before the data: length and JSON, padded so that the data are aligned to [`ALIGNMENT`].
///
/// The header is a function of the tensors, the seed and the notes alone, so that equal contents make equal files.
pub(crate) fn header(tensors: &[Tensor], notes: &Map<String, Value>) -> Result<Vec<u8>> {
    // What an entry has at least; asked before seconds are spent on what is too long.
    let least = tensors.iter().map(|tensor| tensor.name.len() + LEAST_ENTRY + 2 * tensor.shape.len()).sum();
    check_length(least)?;
    let mut end = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        let start = end;
        let bytes = usize::try_from(tensor.bytes()).ok();
        end = bytes.and_then(|bytes| bytes.checked_add(start)).context("the model is too large for this machine")?;
        let shape = tensor.shape.iter().map(|&d| d as usize).collect();
        infos.push((tensor.name.clone(), TensorInfo { dtype: tensor.dtype, shape, data_offsets: (start, end) }));
    }
    let mut fields = Map::from_iter([(header::NOTES.to_owned(), Value::Object(notes.clone()))]);
    for (name, info) in &infos {
        fields.insert(name.clone(), serde_json::to_value(info)?);
    }
    // The crate's own checks: contiguous, no overflow, sizes that fit the shapes.
    Metadata::new(Some(HashMap::new()), infos).context("the tensors make no valid .safetensors")?;
    let mut text = serde_json::to_vec(&fields)?;
    let length = size_of::<u64>();
    text.resize((length + text.len()).next_multiple_of(ALIGNMENT) - length, b' ');
    check_length(text.len())?;
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.extend_from_slice(&text);
    Ok(header)
}

/// What every header tells its readers, beside the tensors.
pub(crate) fn notes(seed: u64) -> Map<String, Value> {
    let pairs = [("format", json!("pt")), ("weightinit", json!(format!("contract v1, seed {seed}")))];
    pairs.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
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

fn check_length(bytes: usize) -> Result<()> {
    ensure!(
        bytes as u64 <= header::MOST_BYTES,
        "the names and shapes of the tensors take a header of {bytes} bytes or more, and readers of .safetensors take \
         {} at most; give shorter names or fewer tensors",
        header::MOST_BYTES
    );
    Ok(())
}
