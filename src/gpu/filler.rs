//! The filler: records fills into a command encoder.

use super::pipelines::{Pipelines, buffer_with};
use crate::error::{Error, Result};
use crate::fill::Fill;
use crate::law::Kind;
use crate::plan::{Dispatch, Limits, Params, Plan};
use crate::shaders::{Kernel, WORKGROUP_SIZE};
use crate::verify::{self, Comparison};

/// Fills buffers of one device. Cheap to keep; pipelines are compiled on first use and shared by all threads.
///
/// ```no_run
/// use wginit::gpu::{self, Filler};
/// use wginit::{DType, Fill, Law, wgpu};
///
/// # async fn example() -> Result<(), wginit::Error> {
/// let adapters = gpu::adapters().await;
/// let (device, queue) = gpu::open(&adapters[0]).await?;
/// let filler = Filler::new(&device)?;
///
/// let fill = Fill::new(Law::normal(0.0, 0.02), DType::F32, 50257 * 768)?.seed(42).stream("wte.weight");
/// let weights = filler.create_filled(&queue, &fill, wgpu::BufferUsages::STORAGE)?;
/// # Ok(()) }
/// ```
pub struct Filler {
    pub(super) device: wgpu::Device,
    pipelines: Pipelines,
    limits: Limits,
    int64: bool,
}

impl Filler {
    /// A filler for `device`, by the limits and features that the device was opened with.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] if the device was opened without compute shaders.
    pub fn new(device: &wgpu::Device) -> Result<Self> {
        let limits = device.limits();
        let need = |limit, value: u32, needed: u32| {
            let error = Error::DeviceLimit { limit, value: value.into(), needed: needed.into() };
            if value < needed { Err(error) } else { Ok(()) }
        };
        need("max_compute_workgroup_size_x", limits.max_compute_workgroup_size_x, WORKGROUP_SIZE)?;
        need("max_compute_invocations_per_workgroup", limits.max_compute_invocations_per_workgroup, WORKGROUP_SIZE)?;
        need("max_storage_buffers_per_shader_stage", limits.max_storage_buffers_per_shader_stage, 2)?;
        Ok(Self {
            device: device.clone(),
            pipelines: Pipelines::new(device),
            limits: Limits {
                max_storage_buffer_binding_size: limits.max_storage_buffer_binding_size,
                min_storage_buffer_offset_alignment: limits.min_storage_buffer_offset_alignment,
                max_compute_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            },
            int64: device.features().contains(wgpu::Features::SHADER_INT64),
        })
    }

    /// The same filler without 64-bit integers in its shaders, whatever the device has: other instructions, same bits.
    pub fn without_int64(self) -> Self {
        Self { int64: false, ..self }
    }

    /// Compiles the kernels of `fills` now rather than on first use.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub fn warm_up<'a>(&self, fills: impl IntoIterator<Item = &'a Fill>) -> Result<()> {
        for fill in fills {
            let kernel = Plan::new(fill, 0, self.int64, &self.limits)?.kernel();
            for shifted in [false, true] {
                self.pipelines.pipeline(Kernel { shifted, ..kernel });
            }
        }
        Ok(())
    }

    /// Records `fill` into `encoder`, to be written from the beginning of `target` on. Bytes of the buffer outside the
    /// fill keep their values. Nothing is submitted.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`], [`Error::MissingUsage`], [`Error::Misaligned`] and [`Error::DeviceLimit`]; nothing is
    /// recorded then.
    pub fn encode(&self, encoder: &mut wgpu::CommandEncoder, fill: &Fill, target: wgpu::BufferSlice<'_>) -> Result<()> {
        self.encode_all(encoder, &[(fill, target)])
    }

    /// Records many fills as one compute pass, sorted by pipeline. Their targets must not overlap.
    ///
    /// # Errors
    /// Those of [`Filler::encode`], for the first fill that is refused; nothing is recorded then.
    pub fn encode_all(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        fills: &[(&Fill, wgpu::BufferSlice<'_>)],
    ) -> Result<()> {
        let (cleared, computed): (Vec<_>, Vec<_>) =
            fills.iter().copied().partition(|(fill, target)| clears(fill, *target));
        let recording = self.prepare(&computed)?;
        for (fill, target) in &cleared {
            self.check(fill, *target)?;
        }
        for (fill, target) in cleared {
            encoder.clear_buffer(target.buffer(), target.offset(), Some(fill.byte_count()));
        }
        if !recording.is_empty() {
            let descriptor = wgpu::ComputePassDescriptor { label: Some("wginit"), timestamp_writes: None };
            recording.record(&mut encoder.begin_compute_pass(&descriptor));
        }
        Ok(())
    }

    /// Records fills into the caller's compute pass. Their targets must not overlap.
    ///
    /// # Errors
    /// Those of [`Filler::encode`]; nothing is recorded then.
    pub fn encode_in_pass(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        fills: &[(&Fill, wgpu::BufferSlice<'_>)],
    ) -> Result<()> {
        self.prepare(fills)?.record(pass);
        Ok(())
    }

    /// Fills `target` and submits. The queue runs it before anything that is submitted later.
    ///
    /// # Errors
    /// Those of [`Filler::encode`].
    pub fn fill(&self, queue: &wgpu::Queue, fill: &Fill, target: wgpu::BufferSlice<'_>) -> Result<()> {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.encode(&mut encoder, fill, target)?;
        queue.submit([encoder.finish()]);
        Ok(())
    }

    /// A new buffer that holds the elements of `fill`, with `usage` and the usages that filling and reading back need.
    /// Its size is that of the fill, rounded up to a multiple of 4.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] beyond `max_buffer_size`, [`Error::Device`] if there is no memory, and those of
    /// [`Filler::encode`].
    pub fn create_filled(&self, queue: &wgpu::Queue, fill: &Fill, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer> {
        use wgpu::BufferUsages as Usages;
        let usage = usage | Usages::STORAGE | Usages::COPY_SRC | Usages::COPY_DST;
        let buffer = self.create_buffer("filled by wginit", fill.byte_count(), usage)?;
        self.fill(queue, fill, buffer.slice(..))?;
        Ok(buffer)
    }

    /// Reads `target` back and compares it with the CPU reference. Submits and waits.
    ///
    /// # Errors
    /// Those of [`Filler::read_back`], and [`Error::BufferTooSmall`].
    pub fn check_against_cpu(
        &self,
        queue: &wgpu::Queue,
        fill: &Fill,
        target: wgpu::BufferSlice<'_>,
    ) -> Result<Comparison> {
        verify::compare(fill, &self.read_back(queue, target)?)
    }

    /// A buffer of at least `size` bytes, or a typed error where wgpu would report an uncaptured one.
    pub(super) fn create_buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer> {
        let (limit, size) = (self.device.limits().max_buffer_size, size.next_multiple_of(4));
        if size > limit {
            return Err(Error::DeviceLimit { limit: "max_buffer_size", value: limit, needed: size });
        }
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let descriptor = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        match super::self_check::ready(memory.pop()) {
            Some(error) => Err(Error::Device(error.to_string())),
            None => Ok(buffer),
        }
    }

    /// Plans one fill after checking that `target` can take it.
    fn check(&self, fill: &Fill, target: wgpu::BufferSlice<'_>) -> Result<Plan> {
        let plan = Plan::new(fill, target.offset(), self.int64, &self.limits)?;
        if fill.byte_count() > target.size() {
            return Err(Error::BufferTooSmall { needed: fill.byte_count(), available: target.size() });
        }
        let end = plan.bytes().end;
        if end > target.buffer().size() {
            let needed = end - target.offset();
            return Err(Error::BufferTooSmall { needed, available: target.buffer().size() - target.offset() });
        }
        Ok(plan)
    }

    /// Everything that fails, before anything is recorded: plans, pipelines, uniform data, bind groups.
    fn prepare(&self, fills: &[(&Fill, wgpu::BufferSlice<'_>)]) -> Result<Recording> {
        let mut plans = Vec::with_capacity(fills.len());
        for &(fill, target) in fills {
            if !target.buffer().usage().contains(wgpu::BufferUsages::STORAGE) {
                return Err(Error::MissingUsage { usage: "STORAGE" });
            }
            plans.push((self.check(fill, target)?, fill, target.buffer()));
        }
        plans.sort_by_key(|(plan, ..)| plan.kernel());
        let stride = (size_of::<Params>() as u64)
            .next_multiple_of(u64::from(self.device.limits().min_uniform_buffer_offset_alignment));
        let mut uniform = Vec::new();
        let mut dispatches = Vec::new();
        for (index, (plan, ..)) in plans.iter().enumerate() {
            for dispatch in plan.dispatches() {
                let offset = uniform.len();
                uniform.extend_from_slice(bytemuck::bytes_of(&dispatch.params));
                uniform.resize(offset + stride as usize, 0);
                dispatches.push((index, dispatch, offset as u32));
            }
        }
        if dispatches.is_empty() {
            return Ok(Recording::default());
        }
        let uniform = buffer_with(&self.device, "wginit parameters", wgpu::BufferUsages::UNIFORM, &uniform);
        let steps = dispatches.into_iter().map(|(index, dispatch, offset)| {
            let (plan, fill, buffer) = &plans[index];
            self.step(plan.kernel(), fill, buffer, &uniform, dispatch, offset)
        });
        Ok(Recording { steps: steps.collect() })
    }

    fn step(
        &self,
        kernel: Kernel,
        fill: &Fill,
        buffer: &wgpu::Buffer,
        uniform: &wgpu::Buffer,
        dispatch: Dispatch,
        offset: u32,
    ) -> Step {
        let pipeline = self.pipelines.pipeline(kernel);
        let binding = |buffer, offset, size| {
            wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size: std::num::NonZeroU64::new(size) })
        };
        let table = fill.sampler().table.as_ref().map(|table| self.pipelines.table(table));
        let mut entries = vec![
            wgpu::BindGroupEntry { binding: 0, resource: binding(uniform, 0, size_of::<Params>() as u64) },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: binding(buffer, dispatch.binding_offset, dispatch.binding_size),
            },
        ];
        if let Some(table) = &table {
            entries.push(wgpu::BindGroupEntry { binding: 2, resource: table.as_entire_binding() });
        }
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("wginit"),
            layout: &pipeline.bindings,
            entries: &entries,
        });
        Step { pipeline: pipeline.compute, bind_group, offset, workgroups: dispatch.workgroups }
    }
}

/// Whether `clear_buffer` does the same: all bits zero, whole words, and a buffer that allows it.
fn clears(fill: &Fill, target: wgpu::BufferSlice<'_>) -> bool {
    fill.sampler().kind == Kind::Constant
        && fill.sampler().pattern == 0
        && target.offset().is_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT)
        && fill.byte_count().is_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT)
        && target.buffer().usage().contains(wgpu::BufferUsages::COPY_DST)
}

/// Dispatches that are ready to be recorded.
#[derive(Default)]
struct Recording {
    steps: Vec<Step>,
}

struct Step {
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    offset: u32,
    workgroups: [u32; 2],
}

impl Recording {
    fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        for step in &self.steps {
            pass.set_pipeline(&step.pipeline);
            pass.set_bind_group(0, &step.bind_group, &[step.offset]);
            pass.dispatch_workgroups(step.workgroups[0], step.workgroups[1], 1);
        }
    }
}
