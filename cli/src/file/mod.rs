//! Formats of files.

pub(crate) mod npy;
pub(crate) mod safetensors;
