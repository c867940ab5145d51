//! What files begin with.

pub mod npy;
pub mod safetensors;

/// Where a file's data begin, a multiple of it: .npy asks for it. .safetensors asks for 8, but then neither shaders nor
/// disks could store whole units there.
pub const ALIGNMENT: usize = 64;
