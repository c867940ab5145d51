//! The filler: records requests into a command encoder or a compute pass.

use std::sync::Arc;

#[cfg(doc)]
use crate::error::Error;
use crate::error::{DeviceError, Result};
use crate::gpu::context::Context;
use crate::gpu::failure::drive;
use crate::gpu::read_back::read_back;
use crate::gpu::recorder::{Recorded, record};
use crate::gpu::recording::Recording;
use crate::plan::{Capabilities, Kernel, Plan};
use crate::request::Request;
use crate::verify::{self, Comparison};

/// Bytes that are read back and checked at a time.
const CHECKED: u64 = 64 << 20;

/// Fills buffers of one device. Cheap to keep, to clone and to share: pipelines are compiled on first use, for all
/// threads.
///
/// [`Filler::encode`] and its kin only record: they never submit, poll, map a buffer of yours, or wait. They take
/// [`Fill`](crate::Fill)s, [`Orthogonal`](crate::Orthogonal)s, [`Update`](crate::request::Update)s, slices of these and
/// other [`Request`]s,
/// and refuse what cannot be done by a typed error, also where the device is lost, or the buffer another device's or
/// destroyed. What cannot be seen:
///
/// - a buffer that is destroyed later, before the commands are submitted, or zeros for a destroyed one that shaders
///   cannot write, and an encoder or a [`wgpu::Queue`] of another device: wgpu says so to that device's handler of
///   uncaptured errors, which panics unless there is another;
/// - a buffer of another [`wgpu::Instance`], which wgpu looks up by a number of its own: it panics, or takes a buffer
///   for another;
/// - an encoder with an open pass, which wgpu panics at.
///
/// ```no_run
/// use weightinit::gpu::{self, Filler};
/// use weightinit::{DType, Initializer, Layout, wgpu};
///
/// # async fn example() -> Result<(), weightinit::Error> {
/// let adapters = gpu::adapters().await;
/// let (device, queue) = gpu::open(&adapters[0]).await?;
/// let filler = Filler::new(&device)?;
///
/// let weight = Initializer::he_normal().request("wte.weight", &[50257, 768], Layout::Torch, DType::BF16)?;
/// let buffer = filler.create_filled(&queue, &weight.with_seed(42), wgpu::BufferUsages::STORAGE)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Filler {
    pub(super) context: Arc<Context>,
}

impl Filler {
    /// A filler for `device`, by the limits and features that the device (not its adapter) was opened with.
    ///
    /// # Errors
    /// [`DeviceError::Limit`] if the device was opened without compute shaders.
    pub fn new(device: &wgpu::Device) -> Result<Self> {
        Self::of(device, None, None)
    }

    /// The same with pipelines from `cache`, where the device has `PIPELINE_CACHE`.
    ///
    /// # Errors
    /// Those of [`Filler::new`].
    pub fn with_pipeline_cache(device: &wgpu::Device, cache: Option<&wgpu::PipelineCache>) -> Result<Self> {
        Self::of(device, cache, None)
    }

    /// The same as if the device had these capabilities, which it must have: other instructions, the same bits.
    ///
    /// # Errors
    /// Those of [`Filler::new`].
    #[doc(hidden)]
    pub fn with_capabilities(device: &wgpu::Device, capabilities: Capabilities) -> Result<Self> {
        Self::of(device, None, Some(capabilities))
    }

    fn of(
        device: &wgpu::Device,
        cache: Option<&wgpu::PipelineCache>,
        capabilities: Option<Capabilities>,
    ) -> Result<Self> {
        Ok(Self { context: Arc::new(Context::new(device, cache, capabilities)?) })
    }

    /// What the device can do, as far as it shapes plans.
    pub fn capabilities(&self) -> &Capabilities {
        &self.context.capabilities
    }

    /// Compiles the kernels of `requests` now rather than on first use: several at a time, on threads that end with
    /// this call.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub fn warm_up<'a, R: Into<Request> + Clone + 'a>(&self, requests: impl IntoIterator<Item = &'a R>) -> Result<()> {
        let mut kernels: Vec<Kernel> = Vec::new();
        for request in requests {
            let request = request.clone().into().simplest()?;
            let orthogonal = match &request {
                Request::Orthogonal(orthogonal) => Some(orthogonal),
                Request::Slice(sliced) => sliced.orthogonal(),
                Request::Fill(_) | Request::Update(_) => None,
            };
            let request = match orthogonal {
                Some(orthogonal) => {
                    self.context.orthonormal();
                    Request::Fill(orthogonal.normals(0)?)
                }
                None => request,
            };
            let kernel = Plan::of_request(&request, 0, self.capabilities())?.0.kernel();
            // Of a fill also where this one is cut as a slice is.
            let of_ranges = match &request {
                Request::Fill(fill) => Kernel::of(fill).with_features(kernel.has_int64(), kernel.has_immediates()),
                _ => kernel,
            };
            kernels.extend([kernel].into_iter().chain(of_ranges.for_any_range(self.capabilities())));
        }
        self.context.pipelines.compile_all(kernels);
        Ok(())
    }

    /// Records a request into `encoder`, to be written from the beginning of `target` on. Bytes of the buffer outside
    /// of it keep their values. Nothing is submitted.
    ///
    /// # Errors
    /// [`DeviceError::BufferTooSmall`], [`DeviceError::MissingUsage`], [`DeviceError::Misaligned`],
    /// [`DeviceError::Limit`], [`DeviceError::Lost`], [`DeviceError::OutOfMemory`],
    /// and [`DeviceError::Failed`] for a buffer of another device; nothing is recorded then.
    pub fn encode<R: Into<Request> + Clone>(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        request: &R,
        target: wgpu::BufferSlice<'_>,
    ) -> Result<()> {
        self.encode_all(encoder, &[(request, target)])
    }

    /// Records many requests as one compute pass, sorted by pipeline; zeros by `clear_buffer` where it does. Their
    /// targets must not overlap, but for updates: where there is one, each request comes after those before it, and all
    /// are in the pass.
    ///
    /// # Errors
    /// [`Error::Request`] with the number of the first that is refused and one of the errors of [`Filler::encode`];
    /// nothing is recorded then.
    pub fn encode_all<R: Into<Request> + Clone>(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        requests: &[(&R, wgpu::BufferSlice<'_>)],
    ) -> Result<()> {
        let Recorded { recording, cleared } = record(&self.context, requests, true)?;
        for (target, bytes) in cleared {
            encoder.clear_buffer(target.buffer(), target.offset(), Some(bytes));
        }
        recording.record_alone(encoder);
        Ok(())
    }

    /// Records requests into the caller's compute pass, whose pipeline and first bind group are others afterwards.
    ///
    /// # Errors
    /// Those of [`Filler::encode_all`]; nothing is recorded then.
    pub fn encode_in_pass<R: Into<Request> + Clone>(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        requests: &[(&R, wgpu::BufferSlice<'_>)],
    ) -> Result<()> {
        self.prepare(requests)?.record(pass);
        Ok(())
    }

    /// Requests that can be recorded again and again, without any work that is left for then.
    ///
    /// # Errors
    /// Those of [`Filler::encode_all`].
    pub fn prepare<R: Into<Request> + Clone>(&self, requests: &[(&R, wgpu::BufferSlice<'_>)]) -> Result<Recording> {
        Ok(record(&self.context, requests, false)?.recording)
    }

    /// Records a request and submits it. The queue runs it before anything that is submitted later.
    ///
    /// # Errors
    /// Those of [`Filler::encode`].
    pub fn submit<R: Into<Request> + Clone>(
        &self,
        queue: &wgpu::Queue,
        request: &R,
        target: wgpu::BufferSlice<'_>,
    ) -> Result<()> {
        let mut encoder = self.context.create_encoder();
        self.encode(&mut encoder, request, target)?;
        self.context.submit(queue, encoder)
    }

    /// A new buffer that holds the elements of a request, with `usage` and the usages that filling and reading back
    /// need. Its size is [`Request::buffer_size`], and at least 4.
    ///
    /// # Errors
    /// [`DeviceError::Limit`] beyond `max_buffer_size`, [`DeviceError::OutOfMemory`], and those of
    /// [`Filler::encode`].
    pub fn create_filled<R: Into<Request> + Clone>(
        &self,
        queue: &wgpu::Queue,
        request: &R,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer> {
        use wgpu::BufferUsages as Usages;
        let usage = usage | Usages::STORAGE | Usages::COPY_SRC | Usages::COPY_DST;
        // Of a slice there may be nothing, which no slice of a buffer can be.
        let size = request.clone().into().buffer_size().max(4);
        let buffer = self.context.create_buffer("filled by weightinit", size, usage)?;
        self.submit(queue, request, buffer.slice(..))?;
        Ok(buffer)
    }

    /// The bytes of `source`, any range of a buffer with `COPY_SRC`. Submits, and blocks until they are there: not for
    /// browsers, which have [`Filler::read_back_async`].
    ///
    /// # Errors
    /// [`DeviceError::MissingUsage`], [`DeviceError::Misaligned`] if the range ends inside a buffer's unaligned last
    /// word, [`DeviceError::OutOfMemory`], [`DeviceError::Lost`], and [`DeviceError::Failed`] if the copy fails
    /// otherwise.
    pub fn read_back(&self, queue: &wgpu::Queue, source: wgpu::BufferSlice<'_>) -> Result<Vec<u8>> {
        drive(&self.context.device, read_back(&self.context, queue, source))
    }

    /// The same without blocking. On native backends somebody must poll the device meanwhile.
    ///
    /// # Errors
    /// Those of [`Filler::read_back`].
    pub async fn read_back_async(&self, queue: &wgpu::Queue, source: wgpu::BufferSlice<'_>) -> Result<Vec<u8>> {
        read_back(&self.context, queue, source).await
    }

    /// Reads `target` back and compares it with the CPU reference. Submits, and blocks until the bytes are there.
    ///
    /// # Errors
    /// [`Error::Different`] where an element is not the reference's; those of [`Filler::read_back`] and of
    /// [`verify::compare`].
    pub fn check_against_cpu<R: Into<Request> + Clone>(
        &self,
        queue: &wgpu::Queue,
        request: &R,
        target: wgpu::BufferSlice<'_>,
    ) -> Result<Comparison> {
        drive(&self.context.device, self.check_against_cpu_async(queue, request, target))
    }

    /// The same without blocking. On native backends somebody must poll the device meanwhile.
    ///
    /// # Errors
    /// Those of [`Filler::check_against_cpu`].
    pub async fn check_against_cpu_async<R: Into<Request> + Clone>(
        &self,
        queue: &wgpu::Queue,
        request: &R,
        target: wgpu::BufferSlice<'_>,
    ) -> Result<Comparison> {
        let request = request.clone().into();
        let needed = request.span();
        if needed > target.size() {
            return Err(DeviceError::BufferTooSmall { needed, available: target.size() }.into());
        }
        // In windows, so that the host needs no room for the whole, but for what is computed as a whole or goes into a
        // box.
        let (elements, size) = (request.elements(), request.dtype().size());
        let at_once = request.is_made_whole() || request.in_box().is_some();
        let window = if at_once { request.element_count() } else { CHECKED / size };
        let mut comparison = Comparison::default();
        // Of a slice there may be nothing.
        let window = window.max(1);
        for start in elements.clone().step_by(window as usize) {
            let part = request.range(start..elements.end.min(start + window))?;
            let offset = (start - elements.start) * size;
            let bytes = self.read_back_async(queue, target.slice(offset..offset + part.span())).await?;
            comparison = comparison.and(verify::compare(&part, &bytes)?);
        }
        comparison.equal()
    }
}
