//! Dispatches, and what each binds.

use crate::arithmetic::generator::params::Params;

/// One dispatch over one window of the destination.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dispatch {
    /// First byte of the binding in the destination buffer.
    pub binding_offset: u64,
    /// Bytes of the binding.
    pub binding_size: u64,
    /// Workgroups in x and y; z is 1.
    pub workgroups: [u32; 2],
    /// Uniform data.
    pub params: Params,
}

/// What is bound, by its name in WebGPU's `GPUBufferBindingType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingKind {
    /// [`Params`], in a uniform buffer.
    Uniform,
    /// The destination, read and written.
    Storage,
    /// The law's table: [`Table::words`](crate::plan::Table::words).
    ReadOnlyStorage,
}

impl BindingKind {
    /// The name in WebGPU: `uniform`, `storage` or `read-only-storage`.
    pub const fn name(self) -> &'static str {
        match self {
            BindingKind::Uniform => "uniform",
            BindingKind::Storage => "storage",
            BindingKind::ReadOnlyStorage => "read-only-storage",
        }
    }
}

/// One entry of a dispatch's bind group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its number in the WGSL.
    pub binding: u32,
    /// What is bound.
    pub kind: BindingKind,
    /// First byte of the buffer that is bound.
    pub offset: u64,
    /// Bytes that are bound.
    pub size: u64,
}
