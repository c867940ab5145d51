//! The filler: records fills into a command encoder or a compute pass.

use std::sync::OnceLock;

use super::orthogonal;
use super::pipelines::Pipelines;
use super::recording::Recording;
use crate::error::{Error, Result};
use crate::law::Kind;
use crate::plan::kernel::{Kernel, WORKGROUP_SIZE};
use crate::plan::{Capabilities, Params, Plan};
use crate::request::fill::Fill;
use crate::verify::{self, Comparison};

/// Bytes that are read back and checked at a time.
const CHECKED: u64 = 64 << 20;

/// Fills buffers of one device. Cheap to keep and to share: pipelines are compiled on first use, for all threads.
///
/// [`Filler::encode`] and its kin only record: they never submit, poll, map a buffer of yours, or wait.
///
/// ```no_run
/// use weightinit::gpu::{self, Filler};
/// use weightinit::{DType, Fill, Law, wgpu};
///
/// # async fn example() -> Result<(), weightinit::Error> {
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
    pub(super) pipelines: Pipelines,
    capabilities: Capabilities,
    pub(super) orthogonal: OnceLock<orthogonal::Pipelines>,
}

impl Filler {
    /// A filler for `device`, by the limits and features that the device (not its adapter) was opened with.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] if the device was opened without compute shaders.
    pub fn new(device: &wgpu::Device) -> Result<Self> {
        Self::with_pipeline_cache(device, None)
    }

    /// The same with pipelines from `cache`, where the device has `PIPELINE_CACHE`.
    ///
    /// # Errors
    /// Those of [`Filler::new`].
    pub fn with_pipeline_cache(device: &wgpu::Device, cache: Option<&wgpu::PipelineCache>) -> Result<Self> {
        let (limits, features) = (device.limits(), device.features());
        let need = |limit, value: u32, needed: u32| {
            let error = Error::DeviceLimit { limit, value: value.into(), needed: needed.into() };
            if value < needed { Err(error) } else { Ok(()) }
        };
        need("max_compute_workgroup_size_x", limits.max_compute_workgroup_size_x, WORKGROUP_SIZE)?;
        need("max_compute_invocations_per_workgroup", limits.max_compute_invocations_per_workgroup, WORKGROUP_SIZE)?;
        need("max_storage_buffers_per_shader_stage", limits.max_storage_buffers_per_shader_stage, 2)?;
        let capabilities = Capabilities {
            max_storage_buffer_binding_size: limits.max_storage_buffer_binding_size,
            min_storage_buffer_offset_alignment: limits.min_storage_buffer_offset_alignment,
            max_compute_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            int64: features.contains(wgpu::Features::SHADER_INT64),
            immediates: features.contains(wgpu::Features::IMMEDIATES)
                && limits.max_immediate_size as usize >= size_of::<Params>(),
            software: device.adapter_info().device_type == wgpu::DeviceType::Cpu,
        };
        let pipelines = Pipelines::new(device, cache);
        Ok(Self { device: device.clone(), pipelines, capabilities, orthogonal: OnceLock::new() })
    }

    /// The same filler as if the device had neither 64-bit integers nor immediates: other instructions, same bits.
    pub fn without_features(self) -> Self {
        let capabilities = Capabilities { int64: false, immediates: false, ..self.capabilities };
        Self { capabilities, ..self }
    }

    /// The same filler as if the device were a GPU, which computes one block in an invocation: other instructions, same bits.
    pub fn without_batches(self) -> Self {
        Self { capabilities: Capabilities { software: false, ..self.capabilities }, ..self }
    }

    /// What the device can do, as far as it shapes plans.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Compiles the kernels of `fills` now rather than on first use: several at a time, on threads that end with this call.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub fn warm_up<'a>(&self, fills: impl IntoIterator<Item = &'a Fill>) -> Result<()> {
        let mut kernels = Vec::new();
        for fill in fills {
            let kernel = Plan::new(fill, 0, &self.capabilities)?.kernel();
            // As it is for whole tensors of aligned buffers, for others, and for pieces.
            let shared = Kernel { whole: false, batched: false, ..kernel };
            kernels.extend([false, kernel.can_shift()].map(|shifted| Kernel { shifted, ..shared }));
            kernels.push(kernel);
        }
        self.pipelines.compile_all(kernels);
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

    /// Records many fills as one compute pass, sorted by pipeline; zeros by `clear_buffer` where it does. Their targets
    /// must not overlap.
    ///
    /// # Errors
    /// Those of [`Filler::encode`], for the first fill that is refused; nothing is recorded then.
    pub fn encode_all(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        fills: &[(&Fill, wgpu::BufferSlice<'_>)],
    ) -> Result<()> {
        let recording = Recording::new(self, fills, true)?;
        for (fill, target) in fills.iter().filter(|(fill, target)| clears(fill, *target)) {
            encoder.clear_buffer(target.buffer(), target.offset(), Some(fill.byte_count()));
        }
        recording.record_alone(encoder);
        Ok(())
    }

    /// Records fills into the caller's compute pass, whose pipeline and first bind group are others afterwards. Their
    /// targets must not overlap.
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

    /// Fills that can be recorded again and again, without any work that is left for then.
    ///
    /// # Errors
    /// Those of [`Filler::encode`].
    pub fn prepare(&self, fills: &[(&Fill, wgpu::BufferSlice<'_>)]) -> Result<Recording> {
        Recording::new(self, fills, false)
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
    /// [`Error::DeviceLimit`] beyond `max_buffer_size`, [`Error::OutOfMemory`], and those of
    /// [`Filler::encode`].
    pub fn create_filled(&self, queue: &wgpu::Queue, fill: &Fill, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer> {
        use wgpu::BufferUsages as Usages;
        let usage = usage | Usages::STORAGE | Usages::COPY_SRC | Usages::COPY_DST;
        let buffer = self.create_buffer("filled by weightinit", fill.byte_count(), usage)?;
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
        let needed = fill.byte_count();
        if needed > target.size() {
            return Err(Error::BufferTooSmall { needed, available: target.size() });
        }
        // In windows, so that the host needs no room for the whole.
        let (elements, size) = (fill.elements(), fill.dtype().size());
        let mut comparison = Comparison::default();
        for start in elements.clone().step_by((CHECKED / size) as usize) {
            let part = fill.range(start..elements.end.min(start + CHECKED / size))?;
            let offset = (start - elements.start) * size;
            let bytes = self.read_back(queue, target.slice(offset..offset + part.byte_count()))?;
            comparison = comparison.and(verify::compare(&part, &bytes)?);
        }
        Ok(comparison)
    }

    /// A buffer of at least `size` bytes, or a typed error where wgpu would report an uncaptured one.
    pub(super) fn create_buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer> {
        let (limit, size) = (self.device.limits().max_buffer_size, size.next_multiple_of(4));
        if size > limit {
            return Err(Error::DeviceLimit { limit: "max_buffer_size", value: limit, needed: size });
        }
        let descriptor = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
        super::failure::scoped(&self.device, || Ok(self.device.create_buffer(&descriptor)))
    }

    /// Plans one fill after checking that `target` can take it.
    pub(super) fn plan(&self, fill: &Fill, target: wgpu::BufferSlice<'_>) -> Result<Plan> {
        if !clears(fill, target) {
            need_storage(target)?;
        }
        let plan = Plan::new(fill, target.offset(), &self.capabilities)?;
        check_size(fill, &plan, target)?;
        Ok(plan)
    }
}

/// Refuses a buffer that shaders cannot write.
pub(super) fn need_storage(target: wgpu::BufferSlice<'_>) -> Result<()> {
    if target.buffer().usage().contains(wgpu::BufferUsages::STORAGE) {
        return Ok(());
    }
    Err(Error::MissingUsage { usage: "STORAGE" })
}

/// Refuses a target that ends before the fill, or inside of its last word.
pub(super) fn check_size(fill: &Fill, plan: &Plan, target: wgpu::BufferSlice<'_>) -> Result<()> {
    if fill.byte_count() > target.size() {
        return Err(Error::BufferTooSmall { needed: fill.byte_count(), available: target.size() });
    }
    let end = plan.bytes().end;
    if end > target.buffer().size() {
        let needed = end - target.offset();
        return Err(Error::BufferTooSmall { needed, available: target.buffer().size() - target.offset() });
    }
    Ok(())
}

/// Whether `clear_buffer` does the same: all bits zero, whole words, and a buffer that allows it.
pub(super) fn clears(fill: &Fill, target: wgpu::BufferSlice<'_>) -> bool {
    fill.sampler().kind == Kind::Constant
        && fill.sampler().pattern == 0
        && target.offset().is_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT)
        && fill.byte_count().is_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT)
        && target.buffer().usage().contains(wgpu::BufferUsages::COPY_DST)
}
