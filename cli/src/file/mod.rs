//! Formats of files.

pub(crate) mod npy;
pub(crate) mod safetensors;
pub(crate) mod shards;

/// Where a file's data begin, a multiple of it: .npy asks for it. .safetensors asks for 8, but then neither shaders nor
/// disks could store whole units there.
pub(crate) const ALIGNMENT: usize = 64;
