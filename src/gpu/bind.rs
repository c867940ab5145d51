//! Plans bound to buffers: their parameters, bind groups and pipelines.

use crate::error::Result;
use crate::gpu::buffer::buffer_with;
use crate::gpu::context::Context;
use crate::gpu::recording::{BoundDispatch, Parameters};
use crate::plan::{Dispatch, Params, Plan};
use crate::request::Fill;

/// A plan, the buffer of its table if it has one, and the buffer that it fills.
pub(super) struct Planned<'a> {
    pub(super) plan: Plan,
    pub(super) table: Option<wgpu::Buffer>,
    pub(super) destination: &'a wgpu::Buffer,
}

impl<'a> Planned<'a> {
    /// With the table of the fill's law.
    pub(super) fn new(context: &Context, fill: &Fill, plan: Plan, destination: &'a wgpu::Buffer) -> Result<Self> {
        let table = fill.sampler().table.as_ref().map(|table| context.pipelines.table(table)).transpose()?;
        Ok(Self { plan, table, destination })
    }
}

/// The dispatches of `plans` with everything made that they need, in this order.
pub(super) fn bound_dispatches(context: &Context, plans: &[Planned<'_>]) -> Result<Vec<BoundDispatch>> {
    let immediates = context.capabilities.immediates;
    let uniform = if immediates || plans.is_empty() { None } else { Some(Uniform::new(context, plans)?) };
    let mut dispatches = Vec::with_capacity(plans.len());
    let mut offset = 0;
    for Planned { plan, table, destination } in plans {
        let pipeline = context.pipelines.pipeline(plan.kernel());
        for dispatch in plan.dispatches() {
            let bind_group =
                bind(&context.device, &pipeline.bindings, uniform.as_ref(), table.as_ref(), destination, &dispatch);
            let parameters =
                if immediates { Parameters::Immediates(dispatch.params) } else { Parameters::Offset(offset) };
            let workgroups = dispatch.workgroups;
            dispatches.push(BoundDispatch { pipeline: pipeline.compute.clone(), bind_group, parameters, workgroups });
            offset += uniform.as_ref().map_or(0, |uniform| uniform.stride);
        }
    }
    Ok(dispatches)
}

/// The parameters of all dispatches in one buffer, at dynamic offsets.
struct Uniform {
    buffer: wgpu::Buffer,
    stride: u32,
}

impl Uniform {
    fn new(context: &Context, plans: &[Planned<'_>]) -> Result<Self> {
        let params = plans.iter().flat_map(|planned| planned.plan.dispatches()).map(|dispatch| dispatch.params);
        let (buffer, stride) = uniform_buffer(&context.device, "weightinit parameters", params)?;
        Ok(Self { buffer, stride })
    }
}

/// A buffer of `items` at dynamic offsets, and the bytes from one to the next.
pub(super) fn uniform_buffer<T: bytemuck::Pod>(
    device: &wgpu::Device,
    label: &str,
    items: impl Iterator<Item = T>,
) -> Result<(wgpu::Buffer, u32)> {
    let alignment = device.limits().min_uniform_buffer_offset_alignment;
    let stride = (size_of::<T>() as u32).next_multiple_of(alignment.max(1));
    let mut bytes = Vec::new();
    for item in items {
        let end = bytes.len() + stride as usize;
        bytes.extend_from_slice(bytemuck::bytes_of(&item));
        bytes.resize(end, 0);
    }
    Ok((buffer_with(device, label, wgpu::BufferUsages::UNIFORM, &bytes)?, stride))
}

/// `size` bytes of a buffer, bound from `offset` on.
pub(super) fn entry(binding: u32, buffer: &wgpu::Buffer, offset: u64, size: u64) -> wgpu::BindGroupEntry<'_> {
    let size = std::num::NonZeroU64::new(size);
    wgpu::BindGroupEntry {
        binding,
        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size }),
    }
}

/// The bind group of one dispatch: parameters if they are in a buffer, the window of the destination, the table if the
/// law has one.
fn bind(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    uniform: Option<&Uniform>,
    table: Option<&wgpu::Buffer>,
    destination: &wgpu::Buffer,
    dispatch: &Dispatch,
) -> wgpu::BindGroup {
    let window = entry(1, destination, dispatch.binding_offset, dispatch.binding_size);
    let parameters = uniform.map(|uniform| entry(0, &uniform.buffer, 0, size_of::<Params>() as u64));
    let table = table.map(|table| entry(2, table, 0, table.size()));
    // On the stack: a model has thousands of these.
    let create = |entries: &[wgpu::BindGroupEntry<'_>]| {
        device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("weightinit"), layout, entries })
    };
    match (parameters, table) {
        (None, None) => create(&[window]),
        (None, Some(table)) => create(&[window, table]),
        (Some(parameters), None) => create(&[parameters, window]),
        (Some(parameters), Some(table)) => create(&[parameters, window, table]),
    }
}
