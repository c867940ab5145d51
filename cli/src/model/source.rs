//! Where tensors' names, shapes and types come from: a list in the spec, a shapes file, or a checkpoint's header.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use safetensors::Dtype;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::model::dtype;
use crate::model::header::{self, Declared};
use crate::model::opened::open;

/// Bytes of a spec or a shapes file.
const MOST_TEXT: u64 = 64 << 20;

/// Lines, elements, tables and keys of such a text: parsers take up to 150 bytes of memory for each.
pub(crate) const MOST_PARTS: usize = 8_000_000;

/// Dimensions of a tensor, far more than any framework has.
const MOST_DIMENSIONS: usize = 100_000;

/// A tensor in a shapes file or a spec.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TensorEntry {
    name: String,
    shape: Vec<u64>,
    dtype: Option<String>,
}

/// A shapes file: what else it says (`model`, `source`, `parameters`) is for its readers.
#[derive(serde::Deserialize)]
struct ShapesFile {
    tensors: Vec<TensorEntry>,
}

/// Shapes by their tensors' names, of f32.
struct Shapes(Vec<TensorEntry>);

impl<'de> Deserialize<'de> for Shapes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Named;
        impl<'de> Visitor<'de> for Named {
            type Value = Shapes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("shapes by their tensors' names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Shapes, A::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let shape =
                        map.next_value().map_err(|error| A::Error::custom(format!("tensor '{name}': {error}")))?;
                    entries.push(TensorEntry { name, shape, dtype: None });
                }
                Ok(Shapes(entries))
            }
        }
        deserializer.deserialize_map(Named)
    }
}

impl TensorEntry {
    pub(crate) fn declare(self) -> Result<Declared> {
        let dtype = self.dtype.as_deref().map_or(Ok(Dtype::F32), dtype::parse);
        let dtype = dtype.with_context(|| format!("tensor '{}'", self.name))?;
        Ok(Declared { name: self.name, shape: self.shape, dtype })
    }
}

/// The tensors of a file with those of a spec: new ones, and others of the file's names in the place of the file's.
pub(crate) fn with(mut listed: Vec<Declared>, entries: Vec<TensorEntry>) -> Result<Vec<Declared>> {
    let places: HashMap<_, _> = listed.iter().enumerate().map(|(place, tensor)| (tensor.name.clone(), place)).collect();
    let mut added = Vec::new();
    for entry in entries {
        match places.get(&entry.name) {
            None => added.push(entry.declare()?),
            Some(&place) => {
                let dtype = entry.dtype.is_none().then(|| listed[place].dtype);
                let declared = entry.declare()?;
                listed[place] = Declared { dtype: dtype.unwrap_or(declared.dtype), ..declared };
            }
        }
    }
    check(&added)?;
    listed.extend(added);
    Ok(listed)
}

/// Refuses lists that are empty or that no file could hold.
pub(crate) fn check_list(tensors: &[Declared]) -> Result<()> {
    ensure!(!tensors.is_empty(), "there are no tensors; list at least one");
    check(tensors)
}

/// Refuses lists that no file could hold.
pub(crate) fn check(tensors: &[Declared]) -> Result<()> {
    let mut names = HashSet::new();
    for Declared { name, shape, .. } in tensors {
        ensure!(!name.is_empty(), "a tensor has an empty name; name it");
        ensure!(name != header::NOTES, "a tensor is called __metadata__, which safetensors reserves; rename it");
        ensure!(names.insert(name), "tensor '{name}' is listed twice; remove one");
        let dimensions = shape.len();
        ensure!(
            dimensions <= MOST_DIMENSIONS,
            "tensor '{name}' has {dimensions} dimensions; give {MOST_DIMENSIONS} at most"
        );
    }
    Ok(())
}

/// Refuses a text of more parts than `most`, before a parser takes memory for each.
pub(crate) fn check_parts(text: &str, most: usize) -> Result<()> {
    let parts = text.bytes().filter(|byte| matches!(byte, b'\n' | b',' | b'[' | b'{' | b'=')).count();
    ensure!(parts <= most, "it has {parts} lines, elements, tables and keys; give {most} at most");
    Ok(())
}

/// A text of a size that people or programs write, from a file or, called `-`, from stdin: what is endless must not
/// fill the memory.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let failed = || format!("cannot read {}", path.display());
    let mut text = Vec::new();
    let mut read = |source: &mut dyn Read| source.take(MOST_TEXT + 1).read_to_end(&mut text).with_context(failed);
    let length = if path.as_os_str() == "-" { read(&mut std::io::stdin())? } else { read(&mut open(path)?)? };
    ensure!(length as u64 <= MOST_TEXT, "{}: it is larger than {} MiB", failed(), MOST_TEXT >> 20);
    if let Some(at) = text.iter().position(|byte| *byte == 0) {
        bail!("{}: byte {at} is 0, so that it is no text", failed());
    }
    String::from_utf8(text).ok().with_context(|| format!("{}: it is not UTF-8", failed()))
}

/// The tensors of a shapes file's text, if a file could hold them.
pub(crate) fn parse_list(text: &str) -> Result<Vec<Declared>> {
    let tensors = parse_shapes(text)?;
    check_list(&tensors)?;
    Ok(tensors)
}

/// The tensors of a shapes file's text.
pub(crate) fn parse_shapes(text: &str) -> Result<Vec<Declared>> {
    check_parts(text, MOST_PARTS)?;
    let file: Result<ShapesFile, _> = serde_json::from_str(text);
    let entries = match (file, serde_json::from_str(text)) {
        (Ok(file), _) => file.tensors,
        (Err(_), Ok(Shapes(entries))) => entries,
        (Err(of_list), Err(of_shapes)) => {
            // Without a list a shape is what is wrong.
            let parts: Result<HashMap<String, IgnoredAny>, _> = serde_json::from_str(text);
            let has_list = parts.map_or(true, |parts| parts.contains_key("tensors"));
            return Err(if has_list { of_list } else { of_shapes })
                .context("expected {\"tensors\": [{\"name\", \"shape\", \"dtype\"}]}, or {\"name\": [shape]}");
        }
    };
    entries.into_iter().map(TensorEntry::declare).collect()
}
