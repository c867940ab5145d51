//! The context: a device with all that is made for it once.

use std::sync::OnceLock;

use crate::error::{DeviceError, Error, Result};
use crate::gpu::buffer::create_buffer;
use crate::gpu::failure;
use crate::gpu::orthonormal::Orthonormal;
use crate::gpu::pipelines::Pipelines;
use crate::plan::{Capabilities, Params, WORKGROUP_SIZE};

#[derive(Debug)]
pub(super) struct Context {
    pub(super) device: wgpu::Device,
    pub(super) pipelines: Pipelines,
    pub(super) capabilities: Capabilities,
    orthonormal: OnceLock<Orthonormal>,
    any_buffer: OnceLock<wgpu::BindGroupLayout>,
}

impl Context {
    /// By the limits and features that the device (not its adapter) was opened with, or by `given` ones.
    pub(super) fn new(
        device: &wgpu::Device,
        cache: Option<&wgpu::PipelineCache>,
        given: Option<Capabilities>,
    ) -> Result<Self> {
        let (limits, features) = (device.limits(), device.features());
        let need = |limit, value: u32, needed: u32| {
            let error = Error::Device(DeviceError::Limit { limit, value: value.into(), needed: needed.into() });
            if value < needed { Err(error) } else { Ok(()) }
        };
        need("max_compute_workgroup_size_x", limits.max_compute_workgroup_size_x, WORKGROUP_SIZE)?;
        need("max_compute_invocations_per_workgroup", limits.max_compute_invocations_per_workgroup, WORKGROUP_SIZE)?;
        need("max_storage_buffers_per_shader_stage", limits.max_storage_buffers_per_shader_stage, 2)?;
        let own = || Capabilities {
            max_storage_buffer_binding_size: limits.max_storage_buffer_binding_size,
            min_storage_buffer_offset_alignment: limits.min_storage_buffer_offset_alignment,
            max_compute_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            int64: features.contains(wgpu::Features::SHADER_INT64),
            immediates: features.contains(wgpu::Features::IMMEDIATES)
                && limits.max_immediate_size as usize >= size_of::<Params>(),
            software: device.adapter_info().device_type == wgpu::DeviceType::Cpu,
        };
        Ok(Self {
            device: device.clone(),
            pipelines: Pipelines::new(device, cache),
            capabilities: given.unwrap_or_else(own),
            orthonormal: OnceLock::new(),
            any_buffer: OnceLock::new(),
        })
    }

    /// The pipelines that make vectors orthonormal, compiled on first use.
    pub(super) fn orthonormal(&self) -> &Orthonormal {
        self.orthonormal.get_or_init(|| Orthonormal::new(&self.device))
    }

    /// The layout of a group that has one buffer which shaders write.
    pub(super) fn any_buffer(&self) -> &wgpu::BindGroupLayout {
        self.any_buffer.get_or_init(|| {
            let ty = wgpu::BufferBindingType::Storage { read_only: false };
            let entry = wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
                count: None,
            };
            let label = Some("weightinit buffer");
            self.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &[entry] })
        })
    }

    pub(super) fn create_buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer> {
        create_buffer(&self.device, label, size, usage)
    }

    /// Submits what was recorded.
    pub(super) fn submit(&self, queue: &wgpu::Queue, encoder: wgpu::CommandEncoder) -> Result<()> {
        failure::scoped(&self.device, || {
            queue.submit([encoder.finish()]);
            Ok(())
        })
    }

    pub(super) fn create_encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("weightinit") })
    }
}
