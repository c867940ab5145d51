//! Indices of sharded checkpoints (`model.safetensors.index.json`): which file of the folder holds each tensor.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::model::{opened, source};

/// What an index's name ends with.
pub(crate) const ENDING: &str = ".index.json";

/// Which file holds each tensor, in the order of the index.
pub(crate) struct Index {
    path: PathBuf,
    /// Names of tensors, each with the number of its file.
    pub(crate) tensors: Vec<(String, usize)>,
    /// Names of files, sorted: in the order of their numbers.
    pub(crate) files: Vec<String>,
    /// Bytes of all tensors, if the index says how many.
    pub(crate) total_size: Option<f64>,
}

#[derive(serde::Deserialize)]
struct Text {
    weight_map: WeightMap,
}

/// What else it may say. Libraries have written the number with and without a fraction.
#[derive(serde::Deserialize)]
struct Extent {
    metadata: Metadata,
}

#[derive(serde::Deserialize)]
struct Metadata {
    total_size: f64,
}

/// Names of files by the names of their tensors: all of them, also where one comes twice.
struct WeightMap(Vec<(String, String)>);

impl<'de> Deserialize<'de> for WeightMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Files;
        impl<'de> Visitor<'de> for Files {
            type Value = WeightMap;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names of files by their tensors' names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WeightMap, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(WeightMap(entries))
            }
        }
        deserializer.deserialize_map(Files)
    }
}

/// Whether a text is an index, and no list of tensors.
pub(super) fn is_index(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Known {
        weight_map: Option<serde::de::IgnoredAny>,
        tensors: Option<serde::de::IgnoredAny>,
    }
    let known: Result<Known, _> = serde_json::from_str(text);
    // A tensor of that name has a shape, which is a list.
    known.is_ok_and(|known| known.weight_map.is_some() && known.tensors.is_none())
        && serde_json::from_str::<Text>(text).map_or_else(|error| !error.to_string().contains("sequence"), |_| true)
}

impl Index {
    /// Reads the index in file `path`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = source::read_text(path)?;
        Self::parse(&text, path).with_context(|| path.display().to_string())
    }

    /// The index that `text` is, of a file called `path`.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        source::check_parts(text, source::MOST_PARTS)?;
        let Text { weight_map: WeightMap(entries) } = serde_json::from_str(text)
            .context("expected an index: {\"metadata\": {…}, \"weight_map\": {\"tensor\": \"file\"}}")?;
        ensure!(!entries.is_empty(), "its weight_map is empty; list at least one tensor");
        let (mut names, mut numbers) = (HashSet::new(), BTreeMap::new());
        for (name, file) in &entries {
            ensure!(names.insert(name), "its weight_map has tensor '{name}' twice; remove one");
            if numbers.insert(file.as_str(), 0).is_none() {
                check_name(name, file)?;
            }
        }
        numbers.values_mut().enumerate().for_each(|(number, entry)| *entry = number);
        let files = numbers.keys().map(|file| (*file).to_owned()).collect();
        let tensors = entries.iter().map(|(name, file)| (name.clone(), numbers[file.as_str()])).collect();
        // Others write there what they like.
        let total_size = serde_json::from_str::<Extent>(text).ok().map(|extent| extent.metadata.total_size);
        Ok(Self { path: path.to_owned(), tensors, files, total_size })
    }

    /// Where a file of the index is.
    pub(crate) fn place(&self, file: usize) -> PathBuf {
        self.path.with_file_name(&self.files[file])
    }

    /// Where all of them are.
    pub(crate) fn places(&self) -> impl Iterator<Item = PathBuf> {
        self.files.iter().map(|file| self.path.with_file_name(file))
    }

    /// Whether none of its files is there.
    pub(crate) fn is_alone(&self) -> bool {
        self.places().all(|place| matches!(opened::exists(&place), Ok(false)))
    }

    /// Refuses an index of which files are missing; all of them are named.
    pub(crate) fn check_files(&self) -> Result<()> {
        let is_missing = |file: &usize| matches!(opened::exists(&self.place(*file)), Ok(false));
        let missing: Vec<_> = (0..self.files.len()).filter(is_missing).map(|file| self.files[file].as_str()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        const MOST: usize = 10;
        let more = if missing.len() > MOST { format!(" and {} more", missing.len() - MOST) } else { String::new() };
        anyhow::bail!(
            "{}: {} of its {} files are missing: {}{more}; put them beside it (for names and shapes alone their \
             headers suffice)",
            self.path.display(),
            missing.len(),
            self.files.len(),
            missing[..missing.len().min(MOST)].join(", ")
        )
    }
}

/// Refuses names that lead out of the index's folder, on any system.
fn check_name(tensor: &str, file: &str) -> Result<()> {
    let is_plain = |component| matches!(component, Component::Normal(_));
    let stays = !file.is_empty()
        && Path::new(file).components().all(is_plain)
        && !file.contains(['\\', ':', '\0'])
        && !file.starts_with('/')
        && file.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    ensure!(stays, "it puts tensor '{tensor}' into '{file}', which is no file of its folder; give a plain file name");
    ensure!(
        file.ends_with(".safetensors"),
        "it puts tensor '{tensor}' into '{file}'; expected a name that ends in .safetensors"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Index> {
        Index::parse(text, Path::new("folder/model.safetensors.index.json"))
    }

    #[test]
    fn files_are_found_beside_the_index() {
        let index = parse(
            r#"{"metadata": {"total_size": 4}, "weight_map": {"b": "y.safetensors", "a": "x.safetensors", "c": "y.safetensors"}}"#,
        );
        let index = index.unwrap();
        assert_eq!(index.files, ["x.safetensors", "y.safetensors"]);
        assert_eq!(index.tensors, [("b".to_owned(), 1), ("a".to_owned(), 0), ("c".to_owned(), 1)]);
        assert_eq!(index.place(0), Path::new("folder/x.safetensors"));
    }

    #[test]
    fn names_that_escape_are_refused() {
        for name in [
            "../x.safetensors",
            "/x.safetensors",
            "a/../../x.safetensors",
            "",
            ".",
            "..",
            "a//x.safetensors",
            "./x.safetensors",
            "C:x.safetensors",
            "..\\x.safetensors",
            "a\0.safetensors",
        ] {
            let text = serde_json::json!({"weight_map": {"w": name}}).to_string();
            let refused = parse(&text).err().unwrap().to_string();
            let expected =
                format!("it puts tensor 'w' into '{name}', which is no file of its folder; give a plain file name");
            assert_eq!(refused, expected);
        }
        assert!(parse(r#"{"weight_map": {"w": "a/x.safetensors"}}"#).is_ok());
        assert!(parse(r#"{"weight_map": {"w": "x.bin"}}"#).is_err());
    }

    #[test]
    fn indices_are_told_from_lists() {
        assert!(is_index(r#"{"metadata": {}, "weight_map": {"a": "b"}}"#) && is_index(r#"{"weight_map": {}}"#));
        assert!(!is_index(r#"{"weight_map": [3, 4]}"#) && !is_index(r#"{"a": [3]}"#) && !is_index("[]"));
        assert!(!is_index(r#"{"tensors": [], "weight_map": {}}"#));
    }
}
