//! Formats of files: headers of whole jobs; `weightinit_common` has those of single files.

pub(crate) mod safetensors;
pub(crate) mod shards;

pub(crate) use weightinit_common::file::{ALIGNMENT, npy};
