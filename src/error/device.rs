//! Devices, their buffers and what a build leaves out.

/// Why a device cannot do what was asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// Something that this build of the library leaves out.
    #[error("{what} need the feature `{feature}` of this crate; build with it")]
    NeedsFeature {
        /// What was asked for.
        what: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// The destination is smaller than the fill.
    #[error("the fill needs {needed} bytes, the destination has {available}; make it larger or fill a shorter range")]
    BufferTooSmall {
        /// Bytes that the fill writes, rounded up to whole words at the end of a buffer.
        needed: u64,
        /// Bytes that the destination has.
        available: u64,
    },
    /// The buffer was created without a usage that the operation needs.
    #[error("the buffer lacks BufferUsages::{usage}; create it with that usage")]
    MissingUsage {
        /// The usage that is missing.
        usage: &'static str,
    },
    /// An offset that is not a multiple of the element size, or of a copy's alignment.
    #[error("byte offset {offset} is not a multiple of {alignment}; align it")]
    Misaligned {
        /// Offset as given.
        offset: u64,
        /// What it must be a multiple of.
        alignment: u64,
    },
    /// A limit of the device that makes the request impossible.
    #[error(
        "the device's limit {limit} is {value}, at least {needed} is needed; request the device with a higher limit"
    )]
    Limit {
        /// Name of the limit, as in `wgpu::Limits`.
        limit: &'static str,
        /// The device's value.
        value: u64,
        /// What is needed.
        needed: u64,
    },
    /// The device is lost: it was removed, reset or destroyed, and nothing on it can be used any more.
    #[error("the device is lost; open it again, or use another")]
    Lost,
    /// The device has no memory left for what was asked.
    #[error("the device is out of memory; free some, or fill fewer elements at a time")]
    OutOfMemory,
    /// The device refused.
    #[error("the device failed: {0}")]
    Failed(String),
}
