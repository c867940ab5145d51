//! Plans: which dispatches of which kernel, with which words of uniform data, fill a range of a buffer. No wgpu types,
//! so that whoever has another WebGPU implementation can run them.
//!
//! ```text
//! Law ─► Sampler (kind, f32 parameters, Table) ─► Kernel ─► its WGSL
//! Fill + byte offset + Capabilities ─► Plan ─► Dispatch {binding, workgroups, Params}
//! ```

mod boxes;
mod capabilities;
mod dispatch;
mod dispatches;
mod document;
mod kernel;
#[expect(clippy::module_inception, reason = "the room's main idea")]
mod plan;
mod short;
mod text;
mod uniform;
mod variant;

pub use capabilities::Capabilities;
pub use dispatch::{Binding, BindingKind, Dispatch};
pub use document::Document;
pub use kernel::{ENTRY_POINT, Kernel, Selection, WORKGROUP_SIZE};
pub use plan::Plan;

pub use crate::arithmetic::generator::params::Params;
pub use crate::law::{Kind, Sampler, Table};
pub use crate::request::structure::StructureKind;
pub use crate::request::update::UpdateKind;
