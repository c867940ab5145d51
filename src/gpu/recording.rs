//! Recordings: dispatches with everything made that they need, ready for a compute pass.

use super::filler::{Filler, clears};
use super::pipelines::buffer_with;
use crate::error::Result;
use crate::plan::{Dispatch, Params, Plan};
use crate::request::fill::Fill;

/// Fills that were planned for their targets: see [`Filler::prepare`]. It keeps the targets' buffers alive.
///
/// ```no_run
/// # fn example(
/// #     filler: &weightinit::gpu::Filler, weights: &weightinit::wgpu::Buffer, encoder: &mut weightinit::wgpu::CommandEncoder,
/// # ) -> Result<(), weightinit::Error> {
/// use weightinit::{DType, Fill, Law};
///
/// let noise = Fill::new(Law::normal(0.0, 0.1), DType::F32, 4096)?;
/// let reset = filler.prepare(&[(&noise, weights.slice(..))])?;
/// // Each time that it is needed:
/// reset.record(&mut encoder.begin_compute_pass(&Default::default()));
/// # Ok(()) }
/// ```
#[derive(Default)]
pub struct Recording {
    steps: Vec<Step>,
    immediates: bool,
}

/// A plan, the buffer of its table if it has one, and the buffer that it fills.
pub(super) struct Planned<'a> {
    pub(super) plan: Plan,
    pub(super) table: Option<wgpu::Buffer>,
    pub(super) destination: &'a wgpu::Buffer,
}

impl<'a> Planned<'a> {
    pub(super) fn new(filler: &Filler, fill: &Fill, plan: Plan, destination: &'a wgpu::Buffer) -> Self {
        let table = fill.sampler().table.as_ref().map(|table| filler.pipelines.table(table));
        Self { plan, table, destination }
    }
}

/// One dispatch.
struct Step {
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    dispatch: Dispatch,
    /// Where the parameters are in the uniform buffer, where there is one.
    offset: u32,
}

impl Recording {
    /// Plans and binds `fills`, without those that `clear_buffer` does where `clearing`. Whatever fails, fails here.
    pub(super) fn new(filler: &Filler, fills: &[(&Fill, wgpu::BufferSlice<'_>)], clearing: bool) -> Result<Self> {
        let mut plans = Vec::with_capacity(fills.len());
        for &(fill, target) in fills {
            let plan = filler.plan(fill, target)?;
            if !(clearing && clears(fill, target)) {
                plans.push(Planned::new(filler, fill, plan, target.buffer()));
            }
        }
        // Stable, so that equal fills are recorded alike. Every pipeline is set once.
        plans.sort_by_key(|planned| planned.plan.kernel());
        Ok(Self::of_plans(filler, plans))
    }

    /// Binds what was planned, to be done in this order.
    pub(super) fn of_plans(filler: &Filler, plans: Vec<Planned<'_>>) -> Self {
        let immediates = filler.capabilities().immediates;
        let uniform = if immediates || plans.is_empty() { None } else { Some(Uniform::new(filler, &plans)) };
        let mut steps = Vec::with_capacity(plans.len());
        let mut offset = 0;
        for Planned { plan, table, destination } in &plans {
            let pipeline = filler.pipelines.pipeline(plan.kernel());
            for dispatch in plan.dispatches() {
                let bind_group =
                    bind(filler, &pipeline.bindings, uniform.as_ref(), table.as_ref(), destination, &dispatch);
                steps.push(Step { pipeline: pipeline.compute.clone(), bind_group, dispatch, offset });
                offset += uniform.as_ref().map_or(0, |uniform| uniform.stride);
            }
        }
        Self { steps, immediates }
    }

    /// Whether there is nothing to record.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Records the dispatches, if there are any, as a compute pass of their own.
    pub(super) fn record_alone(&self, encoder: &mut wgpu::CommandEncoder) {
        if !self.is_empty() {
            let descriptor = wgpu::ComputePassDescriptor { label: Some("weightinit"), timestamp_writes: None };
            self.record(&mut encoder.begin_compute_pass(&descriptor));
        }
    }

    /// Records the dispatches. The pass's pipeline and first bind group are others afterwards.
    pub fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        let mut current = None;
        for step in &self.steps {
            if current != Some(&step.pipeline) {
                pass.set_pipeline(&step.pipeline);
                current = Some(&step.pipeline);
            }
            if self.immediates {
                pass.set_bind_group(0, &step.bind_group, &[]);
                pass.set_immediates(0, bytemuck::bytes_of(&step.dispatch.params));
            } else {
                pass.set_bind_group(0, &step.bind_group, &[step.offset]);
            }
            let [x, y] = step.dispatch.workgroups;
            pass.dispatch_workgroups(x, y, 1);
        }
    }
}

/// The parameters of all dispatches in one buffer, at dynamic offsets.
struct Uniform {
    buffer: wgpu::Buffer,
    stride: u32,
}

impl Uniform {
    fn new(filler: &Filler, plans: &[Planned<'_>]) -> Self {
        let alignment = filler.device.limits().min_uniform_buffer_offset_alignment;
        let stride = (size_of::<Params>() as u32).next_multiple_of(alignment.max(1));
        let mut bytes = Vec::with_capacity(plans.len() * stride as usize);
        for dispatch in plans.iter().flat_map(|planned| planned.plan.dispatches()) {
            let end = bytes.len() + stride as usize;
            bytes.extend_from_slice(bytemuck::bytes_of(&dispatch.params));
            bytes.resize(end, 0);
        }
        let buffer = buffer_with(&filler.device, "weightinit parameters", wgpu::BufferUsages::UNIFORM, &bytes);
        Self { buffer, stride }
    }
}

/// The bind group of one dispatch: parameters if they are in a buffer, the window of the destination, the table if the law
/// has one.
fn bind(
    filler: &Filler,
    layout: &wgpu::BindGroupLayout,
    uniform: Option<&Uniform>,
    table: Option<&wgpu::Buffer>,
    destination: &wgpu::Buffer,
    dispatch: &Dispatch,
) -> wgpu::BindGroup {
    let entry = |binding, buffer, offset, size| wgpu::BindGroupEntry {
        binding,
        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer,
            offset,
            size: std::num::NonZeroU64::new(size),
        }),
    };
    let window = entry(1, destination, dispatch.binding_offset, dispatch.binding_size);
    let parameters = uniform.map(|uniform| entry(0, &uniform.buffer, 0, size_of::<Params>() as u64));
    let table = table.map(|table| entry(2, table, 0, table.size()));
    // On the stack: a model has thousands of these.
    let create = |entries: &[wgpu::BindGroupEntry<'_>]| {
        filler.device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("weightinit"), layout, entries })
    };
    match (parameters, table) {
        (None, None) => create(&[window]),
        (None, Some(table)) => create(&[window, table]),
        (Some(parameters), None) => create(&[parameters, window]),
        (Some(parameters), Some(table)) => create(&[parameters, window, table]),
    }
}
