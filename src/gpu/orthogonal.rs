//! Orthogonal matrices on the GPU: normal samples into vectors, orthonormal vectors by `shaders/matrix/orthogonal.wgsl`, elements of
//! any type by `shaders/law/gather.wgsl`.

use std::num::NonZeroU64;

use super::filler::Filler;
use super::pipelines::buffer_with;
use super::recording::{Planned, Recording};
use crate::error::{Error, Result};
use crate::law::Law;
use crate::plan::Plan;
use crate::request::fill::Fill;
use crate::request::orthogonal::{Orthogonal, PANEL};

/// The uniform data of a step: `Step` of the shader.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Step {
    first: u32,
    left: u32,
    left_count: u32,
    length: u32,
    stride: u32,
    shift: f32,
    reserved: [u32; 2],
}

/// Keeps the first Cholesky factor of an ill-conditioned panel positive definite: inner products in f32 are off by about
/// this much.
const SHIFT: f32 = 1e-5;

/// The shader's entry points.
pub(super) struct Pipelines {
    layout: wgpu::BindGroupLayout,
    clear_padding: wgpu::ComputePipeline,
    inner_products: wgpu::ComputePipeline,
    subtract: wgpu::ComputePipeline,
    factorize: wgpu::ComputePipeline,
    solve: wgpu::ComputePipeline,
}

impl Pipelines {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let entry = |binding, ty, least: usize| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty,
                has_dynamic_offset: binding == 0,
                min_binding_size: NonZeroU64::new(least as u64),
            },
            count: None,
        };
        let storage = wgpu::BufferBindingType::Storage { read_only: false };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("weightinit orthogonal"),
            entries: &[
                entry(0, wgpu::BufferBindingType::Uniform, size_of::<Step>()),
                entry(1, storage, 16),
                entry(2, storage, 16),
                entry(3, storage, 4),
            ],
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("weightinit orthogonal"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../shaders/matrix/orthogonal.wgsl").into()),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("weightinit orthogonal"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = |entry_point| {
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(entry_point),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some(entry_point),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        Self {
            clear_padding: pipeline("clear_padding"),
            inner_products: pipeline("inner_products"),
            subtract: pipeline("subtract"),
            factorize: pipeline("factorize"),
            solve: pipeline("solve"),
            layout,
        }
    }
}

/// One dispatch: which pipeline, which step's data, how many workgroups.
struct Dispatch<'a> {
    pipeline: &'a wgpu::ComputePipeline,
    step: Step,
    workgroups: [u32; 2],
}

impl Filler {
    /// Records an orthogonal tensor into `encoder`, to be written from the beginning of `target` on. Nothing is submitted.
    ///
    /// The work takes a buffer of 4 bytes for each element of a matrix. Elements are within [`Orthogonal::TOLERANCE`] of those
    /// of the CPU, not equal to them; on one device they are always the same. |QᵀQ − I| is below 1e-5 · √n.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] for a matrix that is larger than a binding may be, or a device with fewer than three storage
    /// buffers a shader, and those of [`Filler::encode`]; nothing is recorded then.
    ///
    /// ```no_run
    /// # fn example(
    /// #     filler: &weightinit::gpu::Filler, weights: &weightinit::wgpu::Buffer, encoder: &mut weightinit::wgpu::CommandEncoder,
    /// # ) -> Result<(), weightinit::Error> {
    /// use weightinit::{DType, Layout, Orthogonal};
    ///
    /// let recurrent = Orthogonal::new(1.0, &[512, 512], Layout::Torch, DType::F32)?.stream("lstm.weight_hh");
    /// filler.encode_orthogonal(encoder, &recurrent, weights.slice(..))?;
    /// # Ok(()) }
    /// ```
    pub fn encode_orthogonal(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        request: &Orthogonal,
        target: wgpu::BufferSlice<'_>,
    ) -> Result<()> {
        let limits = self.device.limits();
        let need = |limit, value: u64, needed: u64| {
            if value < needed { Err(Error::DeviceLimit { limit, value, needed }) } else { Ok(()) }
        };
        need("max_storage_buffers_per_shader_stage", limits.max_storage_buffers_per_shader_stage.into(), 3)?;
        let bytes = request.padded_vectors() * request.stride() * 4;
        need("max_storage_buffer_binding_size", limits.max_storage_buffer_binding_size, bytes)?;

        let zeros = Fill::new(Law::Constant(0.0), request.dtype(), request.element_count())?;
        self.plan(&zeros, target)?;
        let zeros = if request.has_zeros() { self.prepare(&[(&zeros, target)])? } else { Default::default() };
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let vectors = self.create_buffer("weightinit vectors", bytes, usage)?;
        let products = self.create_buffer("weightinit products", request.padded_vectors() * PANEL * 4, usage)?;
        let cholesky = self.create_buffer("weightinit Cholesky factor", (PANEL + 1) * PANEL * 4, usage)?;

        let pipelines = self.orthogonal.get_or_init(|| Pipelines::new(&self.device));
        let dispatches = dispatches(pipelines, request);
        let (uniform, offset) = self.steps(&dispatches);
        let resource = |buffer, size| {
            wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset: 0, size: NonZeroU64::new(size) })
        };
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("weightinit orthogonal"),
            layout: &pipelines.layout,
            entries: &[
                entry(0, resource(&uniform, size_of::<Step>() as u64)),
                entry(1, resource(&vectors, vectors.size())),
                entry(2, resource(&products, products.size())),
                entry(3, resource(&cholesky, cholesky.size())),
            ],
        });

        let mut matrices = Vec::new();
        for matrix in 0..request.matrices() {
            let normals = request.normals(matrix)?;
            matrices.push((
                self.prepare(&[(&normals, vectors.slice(..))])?,
                self.gather(request, matrix, &vectors, target)?,
            ));
        }
        let descriptor = wgpu::ComputePassDescriptor { label: Some("weightinit"), timestamp_writes: None };
        let mut pass = encoder.begin_compute_pass(&descriptor);
        zeros.record(&mut pass);
        for (normals, gather) in matrices {
            normals.record(&mut pass);
            for (number, dispatch) in (0..).zip(&dispatches) {
                pass.set_pipeline(dispatch.pipeline);
                pass.set_bind_group(0, &bind_group, &[number * offset]);
                pass.dispatch_workgroups(dispatch.workgroups[0], dispatch.workgroups[1], 1);
            }
            gather.record(&mut pass);
        }
        Ok(())
    }

    /// The steps' data at dynamic offsets of this many bytes.
    fn steps(&self, dispatches: &[Dispatch<'_>]) -> (wgpu::Buffer, u32) {
        let alignment = self.device.limits().min_uniform_buffer_offset_alignment;
        let offset = (size_of::<Step>() as u32).next_multiple_of(alignment.max(1));
        let mut bytes = vec![0; dispatches.len() * offset as usize];
        for (place, dispatch) in bytes.chunks_exact_mut(offset as usize).zip(dispatches) {
            place[..size_of::<Step>()].copy_from_slice(bytemuck::bytes_of(&dispatch.step));
        }
        (buffer_with(&self.device, "weightinit steps", wgpu::BufferUsages::UNIFORM, &bytes), offset)
    }

    /// What writes a matrix from the vectors to its place in the tensor.
    fn gather(
        &self,
        request: &Orthogonal,
        matrix: u64,
        vectors: &wgpu::Buffer,
        target: wgpu::BufferSlice<'_>,
    ) -> Result<Recording> {
        let place = request.place(matrix);
        let [taps, tap] = request.taps();
        let [row_step, column_step] = request.steps();
        let structure = [row_step, column_step, taps, tap].map(|word| word as u32);
        let columns = (request.columns() * taps) as u32;
        let fill = Fill::gathered(request.dtype(), place.end - place.start, request.gain(), columns, structure);
        let offset = target.offset() + place.start * request.dtype().size();
        let plan = Plan::new(&fill, offset, self.capabilities())?;
        Ok(Recording::of_plans(
            self,
            vec![Planned { plan, table: Some(vectors.clone()), destination: target.buffer() }],
        ))
    }
}

/// What makes the vectors orthonormal, in order.
fn dispatches<'a>(pipelines: &'a Pipelines, request: &Orthogonal) -> Vec<Dispatch<'a>> {
    let panel = PANEL as u32;
    let stride = (request.stride() / 4) as u32;
    let step = |first, left, left_count, shift| {
        let length = request.length() as u32;
        Step { first, left, left_count, length, stride, shift, reserved: [0; 2] }
    };
    let of_components = stride.div_ceil(64);
    let of_products = |left_count: u32| (left_count / 4 * (panel / 4)).div_ceil(64);
    let mut dispatches = Vec::new();
    let mut push = |pipeline, step, workgroups| dispatches.push(Dispatch { pipeline, step, workgroups });
    if !request.length().is_multiple_of(4) {
        let count = request.vectors() as u32;
        push(&pipelines.clear_padding, step(0, 0, count, 0.0), [count.div_ceil(64), 1]);
    }
    for first in (0..request.padded_vectors() as u32).step_by(PANEL as usize) {
        let project = |push: &mut dyn FnMut(&'a wgpu::ComputePipeline, Step, [u32; 2])| {
            if first > 0 {
                push(&pipelines.inner_products, step(first, 0, first, 0.0), [of_products(first), 1]);
                push(&pipelines.subtract, step(first, 0, first, 0.0), [of_components, panel / 4]);
            }
        };
        let normalize = |push: &mut dyn FnMut(&'a wgpu::ComputePipeline, Step, [u32; 2]), shift| {
            let step = step(first, first, panel, shift);
            push(&pipelines.inner_products, step, [of_products(panel), 1]);
            push(&pipelines.factorize, step, [1, 1]);
            push(&pipelines.solve, step, [of_components, 1]);
        };
        project(&mut push);
        normalize(&mut push, SHIFT);
        normalize(&mut push, 0.0);
        // Again, since what was left of ill-conditioned panels brought parts along the others with it.
        project(&mut push);
        normalize(&mut push, 0.0);
    }
    dispatches
}
