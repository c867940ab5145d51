//! Vectors made orthonormal by `shaders/matrix/orthogonal.wgsl`: its pipelines, and their dispatches for a matrix.

use std::num::NonZeroU64;

use crate::request::orthogonal::{Orthogonal, PANEL};

/// The uniform data of a step: `Step` of the shader.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct Step {
    first: u32,
    left: u32,
    left_count: u32,
    length: u32,
    stride: u32,
    shift: f32,
    reserved: [u32; 2],
}

/// Keeps the first Cholesky factor of an ill-conditioned panel positive definite: inner products in f32 are off by
/// about this much.
const SHIFT: f32 = 1e-5;

/// The shader's entry points.
#[derive(Debug)]
pub(super) struct Orthonormal {
    pub(super) layout: wgpu::BindGroupLayout,
    clear_padding: wgpu::ComputePipeline,
    inner_products: wgpu::ComputePipeline,
    subtract: wgpu::ComputePipeline,
    factorize: wgpu::ComputePipeline,
    solve: wgpu::ComputePipeline,
}

impl Orthonormal {
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
            source: wgpu::ShaderSource::Wgsl(shader!("matrix/orthogonal").into()),
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
pub(super) struct Dispatch<'a> {
    pub(super) pipeline: &'a wgpu::ComputePipeline,
    pub(super) step: Step,
    pub(super) workgroups: [u32; 2],
}

/// What makes the vectors orthonormal, in order.
pub(super) fn dispatches<'a>(pipelines: &'a Orthonormal, request: &Orthogonal) -> Vec<Dispatch<'a>> {
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
