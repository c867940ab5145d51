//! The header of a safetensors file: names, shapes, types and places of its tensors.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::model::opened::Opened;

pub(crate) use weightinit_common::file::safetensors::{MOST_BYTES, NOTES};

/// A tensor as its source declares it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    pub(crate) dtype: Dtype,
}

impl Declared {
    pub(crate) fn new(name: &str, info: &TensorInfo) -> Self {
        let shape = info.shape.iter().map(|&d| d as u64).collect();
        Self { name: name.to_owned(), shape, dtype: info.dtype }
    }
}

/// A safetensors file's header, and where its data begin. The file is at its data afterwards.
pub(crate) fn read(file: &mut Opened, path: &Path) -> Result<(Metadata, u64)> {
    let wrong = || format!("{} is not a complete .safetensors file", path.display());
    let length = file.length().with_context(wrong)?;
    parse(file, length).with_context(wrong)
}

/// The same of a file that may end with its header.
pub(crate) fn read_alone(file: &mut Opened, path: &Path) -> Result<(Metadata, u64)> {
    let wrong = || format!("{} is not a complete .safetensors file", path.display());
    let length = file.length().with_context(wrong)?;
    let (metadata, data, found) = parse_any(file, length).with_context(wrong)?;
    if found > 0 {
        check_data(&metadata, found).with_context(wrong)?;
    }
    Ok((metadata, data))
}

/// The same of `length` bytes from anywhere.
pub(crate) fn parse(file: impl Read, length: u64) -> Result<(Metadata, u64)> {
    let (metadata, data, found) = parse_any(file, length)?;
    check_data(&metadata, found)?;
    Ok((metadata, data))
}

fn check_data(metadata: &Metadata, found: u64) -> Result<()> {
    let expected = metadata.data_len() as u64;
    ensure!(expected == found, "its header promises {expected} bytes of data, it has {found}");
    Ok(())
}

/// A header, where the data begin, and how many bytes of them there are.
fn parse_any(mut file: impl Read, length: u64) -> Result<(Metadata, u64, u64)> {
    let mut prefix = [0; 8];
    ensure!(length >= 8, "it has {length} bytes, its header's length alone takes 8");
    file.read_exact(&mut prefix)?;
    let header = u64::from_le_bytes(prefix);
    let rest = length - 8;
    ensure!(header <= rest, "its header should have {header} bytes, {rest} are left");
    ensure!(header <= MOST_BYTES, "its header should have {header} bytes, the format has {MOST_BYTES} at most");
    let mut text = Vec::new();
    file.take(header).read_to_end(&mut text)?;
    let Header { tensors, notes } = serde_json::from_slice(&text)?;
    drop(text);
    let mut names: Vec<_> = tensors.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    ensure!(twice.is_none(), "its header has two tensors called '{}'", twice.map_or("", |pair| pair[0]));
    let metadata = Metadata::new(Some(notes.0), tensors)?;
    Ok((metadata, 8 + header, rest - header))
}

/// The note in the header of a rank's file that says which partition it is of.
pub(crate) const PARTITION: &str = "weightinit_partition";

/// That which says of how many ranks it is one's.
pub(crate) const WORLD_SIZE: &str = "weightinit_world_size";

/// All of its notes: also whose it is, and where its slices lie, by the name that PyTorch's distributed checkpoints have
/// for that.
pub(crate) const RANK_NOTES: [&str; 4] = [PARTITION, "weightinit_rank", WORLD_SIZE, "DCP_SHARDING_INFO"];

/// The tensors of a header, in the order of their data, and its notes.
pub(crate) struct Header {
    pub(crate) tensors: Vec<(String, TensorInfo)>,
    notes: Notes,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tensors;
        impl<'de> Visitor<'de> for Tensors {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tensors by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let (mut tensors, mut notes) = (Vec::new(), Notes::default());
                while let Some(name) = map.next_key::<String>()? {
                    if name == NOTES {
                        notes = map.next_value()?;
                    } else {
                        tensors.push((name, map.next_value::<TensorInfo>()?));
                    }
                }
                tensors.sort_by_key(|(_, info)| info.data_offsets);
                Ok(Header { tensors, notes })
            }
        }
        deserializer.deserialize_map(Tensors)
    }
}

/// Texts by their names. Others than a rank's file has are looked at and passed over: the safetensors crate would take
/// seconds for a hundred megabytes of them.
#[derive(Default)]
struct Notes(HashMap<String, String>);

impl<'de> Deserialize<'de> for Notes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Notes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("texts by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Notes, A::Error> {
                let mut notes = HashMap::new();
                while let Some((name, text)) = map.next_entry::<String, String>()? {
                    if RANK_NOTES.contains(&name.as_str()) {
                        notes.insert(name, text);
                    }
                }
                Ok(Notes(notes))
            }
        }
        deserializer.deserialize_map(Texts)
    }
}
