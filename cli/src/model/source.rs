//! Where tensors' names, shapes and types come from: a list in the spec, a shapes file, or a checkpoint's header.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use safetensors::{Dtype, tensor::Metadata};
use serde::Deserialize;

use crate::model::dtype;

/// Bytes of a spec or a shapes file.
const MOST_TEXT: u64 = 256 << 20;

/// Bytes of a header, as the safetensors crate has it.
const MOST_HEADER: u64 = 100_000_000;

/// A tensor as its source declares it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    pub(crate) dtype: Dtype,
}

/// A tensor in a shapes file or a spec.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TensorEntry {
    name: String,
    shape: Vec<u64>,
    dtype: Option<String>,
}

/// A shapes file: what else it says (`model`, `source`, `parameters`) is for its readers.
#[derive(Deserialize)]
struct ShapesFile {
    tensors: Vec<TensorEntry>,
}

impl TensorEntry {
    pub(crate) fn declare(self) -> Result<Declared> {
        let dtype = self.dtype.as_deref().map_or(Ok(Dtype::F32), dtype::parse);
        let dtype = dtype.with_context(|| format!("tensor '{}'", self.name))?;
        Ok(Declared { name: self.name, shape: self.shape, dtype })
    }
}

/// The tensors that `path` declares, by its extension.
pub(crate) fn read(path: &Path) -> Result<Vec<Declared>> {
    let tensors = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => shapes(path)?,
        Some("safetensors") => checkpoint(path)?,
        _ => bail!("{}: expected a shapes file (.json) or a checkpoint (.safetensors)", path.display()),
    };
    check(&tensors).with_context(|| path.display().to_string())?;
    Ok(tensors)
}

/// Refuses lists that no file could hold.
pub(crate) fn check(tensors: &[Declared]) -> Result<()> {
    ensure!(!tensors.is_empty(), "there are no tensors; list at least one");
    let mut names = HashSet::new();
    for Declared { name, .. } in tensors {
        ensure!(!name.is_empty(), "a tensor has an empty name; name it");
        ensure!(name != "__metadata__", "a tensor is called __metadata__, which safetensors reserves; rename it");
        ensure!(names.insert(name), "tensor '{name}' is listed twice; remove one");
    }
    Ok(())
}

/// A text of a size that people or programs write: what is endless must not fill the memory.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let failed = || format!("cannot read {}", path.display());
    let mut text = String::new();
    let length = File::open(path).and_then(|file| file.take(MOST_TEXT + 1).read_to_string(&mut text));
    ensure!(length.with_context(failed)? as u64 <= MOST_TEXT, "{}: it is larger than 256 MiB", failed());
    Ok(text)
}

fn shapes(path: &Path) -> Result<Vec<Declared>> {
    let text = read_text(path)?;
    parse_shapes(&text).with_context(|| path.display().to_string())
}

/// The tensors of a shapes file's text.
pub(crate) fn parse_shapes(text: &str) -> Result<Vec<Declared>> {
    let file: ShapesFile =
        serde_json::from_str(text).context("expected {\"tensors\": [{\"name\", \"shape\", \"dtype\"}]}")?;
    file.tensors.into_iter().map(TensorEntry::declare).collect()
}

fn checkpoint(path: &Path) -> Result<Vec<Declared>> {
    let (metadata, _) = read_header(&mut open(path)?, path)?;
    Ok(declared(&metadata))
}

/// The tensors of a header, in the order of their data.
pub(crate) fn declared(metadata: &Metadata) -> Vec<Declared> {
    let mut tensors: Vec<_> = metadata.tensors().into_iter().collect();
    tensors.sort_by_key(|(_, info)| info.data_offsets);
    let declare = |(name, info): (String, &safetensors::tensor::TensorInfo)| Declared {
        name,
        shape: info.shape.iter().map(|&d| d as u64).collect(),
        dtype: info.dtype,
    };
    tensors.into_iter().map(declare).collect()
}

pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

/// A safetensors file's header, and where its data begin. The file is at its data afterwards.
pub(crate) fn read_header(file: &mut File, path: &Path) -> Result<(Metadata, u64)> {
    let wrong = || format!("{} is not a complete .safetensors file", path.display());
    let length = file.metadata().with_context(wrong)?.len();
    parse_header(file, length).with_context(wrong)
}

/// The same of `length` bytes from anywhere.
pub(crate) fn parse_header(mut file: impl Read, length: u64) -> Result<(Metadata, u64)> {
    let mut prefix = [0; 8];
    ensure!(length >= 8, "it has {length} bytes, its header's length alone takes 8");
    file.read_exact(&mut prefix)?;
    let header = u64::from_le_bytes(prefix);
    let rest = length - 8;
    ensure!(header <= rest, "its header should have {header} bytes, {rest} are left");
    ensure!(header <= MOST_HEADER, "its header should have {header} bytes, the format has {MOST_HEADER} at most");
    let mut text = Vec::new();
    file.take(header).read_to_end(&mut text)?;
    let metadata: Metadata = serde_json::from_slice(&text)?;
    let (expected, found) = (metadata.data_len() as u64, rest - header);
    ensure!(expected == found, "its header promises {expected} bytes of data, it has {found}");
    Ok((metadata, 8 + header))
}
