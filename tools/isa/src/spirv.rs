//! From WGSL to SPIR-V, as wgpu does it for a Vulkan device of version 1.3 with robust buffers.

use anyhow::{Context, Result, anyhow};
use naga::back::spv;
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Module, ShaderStage};

/// A module that was parsed and found valid.
pub(crate) struct Shader {
    module: Module,
    info: ModuleInfo,
}

/// A buffer of the only bind group.
pub(crate) struct Binding {
    pub(crate) number: u32,
    pub(crate) uniform: bool,
}

impl Shader {
    pub(crate) fn new(source: &str) -> Result<Self> {
        let module = naga::front::wgsl::parse_str(source).map_err(|error| anyhow!(error.emit_to_string(source)))?;
        let info = Validator::new(ValidationFlags::all(), Capabilities::all())
            .validate(&module)
            .map_err(|error| anyhow!(error.emit_to_string(source)))?;
        Ok(Self { module, info })
    }

    /// Names of the compute shaders.
    pub(crate) fn entry_points(&self) -> impl Iterator<Item = &str> {
        let compute = self.module.entry_points.iter().filter(|entry| entry.stage == ShaderStage::Compute);
        compute.map(|entry| entry.name.as_str())
    }

    pub(crate) fn bindings(&self) -> Vec<Binding> {
        let buffers = self.module.global_variables.iter().filter_map(|(_, variable)| {
            let uniform = matches!(variable.space, AddressSpace::Uniform);
            variable.binding.map(|binding| Binding { number: binding.binding, uniform })
        });
        buffers.collect()
    }

    pub(crate) fn words(&self) -> Result<Vec<u32>> {
        let options = spv::Options {
            lang_version: (1, 6),
            flags: spv::WriterFlags::empty(),
            bounds_check_policies: BoundsCheckPolicies {
                index: BoundsCheckPolicy::Restrict,
                buffer: BoundsCheckPolicy::Unchecked,
                ..BoundsCheckPolicies::default()
            },
            ..spv::Options::default()
        };
        spv::write_vec(&self.module, &self.info, &options, None).context("SPIR-V")
    }
}
