//! What a device can do, as far as it shapes a plan.

/// What a device can do, as far as it shapes a plan. Limits go by their WebGPU names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Largest part of a buffer that a shader sees, in bytes.
    pub max_storage_buffer_binding_size: u64,
    /// What the offset of such a part must be a multiple of, in bytes.
    pub min_storage_buffer_offset_alignment: u32,
    /// Most workgroups in a dimension of a dispatch.
    pub max_compute_workgroups_per_dimension: u32,
    /// Whether shaders have 64-bit integers.
    pub int64: bool,
    /// Whether [`Params`](crate::plan::Params) fit into immediates.
    pub immediates: bool,
    /// Whether the device is a processor, which waits for each step of a computation that is not done for several
    /// blocks.
    pub software: bool,
}

impl Default for Capabilities {
    /// What every WebGPU device has.
    fn default() -> Self {
        Self {
            max_storage_buffer_binding_size: 128 << 20,
            min_storage_buffer_offset_alignment: 256,
            max_compute_workgroups_per_dimension: 65_535,
            int64: false,
            immediates: false,
            software: false,
        }
    }
}

/// Those of a device that sees less at a time, or of another alignment.
#[cfg(test)]
pub(super) fn limits(binding: u64, alignment: u32, workgroups: u32) -> Capabilities {
    Capabilities {
        max_storage_buffer_binding_size: binding,
        min_storage_buffer_offset_alignment: alignment,
        max_compute_workgroups_per_dimension: workgroups,
        ..Capabilities::default()
    }
}
