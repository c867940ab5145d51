//! The header of a .safetensors file.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use safetensors::tensor::{Metadata, TensorInfo};
use serde_json::{Map, json};

use crate::file::ALIGNMENT;
use crate::model::header;
use crate::model::job::Tensor;

/// The bytes before the data: length and JSON, padded so that the data are aligned to [`ALIGNMENT`].
///
/// The header is a function of the tensors and the seed alone, so that equal contents make equal files.
pub(crate) fn header(tensors: &[Tensor], seed: u64) -> Result<Vec<u8>> {
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
    let notes = json!({"format": "pt", "weightinit": format!("contract v1, seed {seed}")});
    let mut fields = Map::from_iter([(header::NOTES.to_owned(), notes)]);
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
