//! The header of a .safetensors file.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use safetensors::tensor::{Metadata, TensorInfo};
use serde_json::{Map, Value, json};

use crate::file::ALIGNMENT;

pub use safetensors::tensor::{Dtype, TensorInfo as Info};

/// Longest header that readers take, in bytes.
pub const MOST_BYTES: u64 = 100_000_000;

/// The header's entry that is no tensor but notes.
pub const NOTES: &str = "__metadata__";

/// What every header tells its readers, beside the tensors.
pub fn notes(seed: u64) -> Map<String, Value> {
    let pairs = [("format", json!("pt")), ("weightinit", json!(format!("contract v1, seed {seed}")))];
    pairs.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

/// The type as .safetensors has it.
pub fn stored(dtype: weightinit::DType) -> Dtype {
    serde_json::from_value(dtype.name().to_uppercase().into()).unwrap_or(Dtype::U32)
}

/// The bytes before the data: length and JSON, padded so that the data are aligned to [`ALIGNMENT`].
///
/// The header is a function of its arguments alone, so that equal contents make equal files.
///
/// # Errors
/// Tensors that do not follow each other, or have other sizes than their shapes; a header that readers would not take.
pub fn header(tensors: Vec<(String, TensorInfo)>, notes: &Map<String, Value>) -> Result<Vec<u8>> {
    let mut fields = Map::from_iter([(NOTES.to_owned(), Value::Object(notes.clone()))]);
    for (name, info) in &tensors {
        fields.insert(name.clone(), serde_json::to_value(info)?);
    }
    // The crate's own checks: contiguous, no overflow, sizes that fit the shapes.
    Metadata::new(Some(HashMap::new()), tensors).context("the tensors make no valid .safetensors")?;
    let mut text = serde_json::to_vec(&fields)?;
    let length = size_of::<u64>();
    text.resize((length + text.len()).next_multiple_of(ALIGNMENT) - length, b' ');
    check_length(text.len())?;
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.extend_from_slice(&text);
    Ok(header)
}

/// Refuses a header of that many bytes.
///
/// # Errors
/// More than readers take.
pub fn check_length(bytes: usize) -> Result<()> {
    ensure!(
        bytes as u64 <= MOST_BYTES,
        "the names and shapes of the tensors take a header of {bytes} bytes or more, and readers of .safetensors take \
         {MOST_BYTES} at most; give shorter names or fewer tensors"
    );
    Ok(())
}
