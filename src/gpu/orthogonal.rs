//! Orthogonal matrices on the GPU: normal samples into vectors, orthonormal vectors by
//! `shaders/matrix/orthogonal.wgsl`, elements of any type by `shaders/law/gather.wgsl`.

use std::ops::Range;

use crate::error::{DeviceError, Error, Result};
use crate::gpu::bind::{Planned, bound_dispatches, entry, uniform_buffer};
use crate::gpu::context::Context;
use crate::gpu::orthonormal::{Dispatch, Orthonormal, dispatches};
use crate::gpu::recording::{BoundDispatch, Parameters};
use crate::gpu::target::check;
use crate::law::Law;
use crate::plan::Plan;
use crate::request::orthogonal::{Orthogonal, PANEL};
use crate::request::{Fill, Request, Slice, Whole};

/// What is asked for of an orthogonal tensor: the elements with these numbers in a slice of it.
pub(super) struct Part {
    request: Orthogonal,
    slice: Slice,
    elements: Range<u64>,
}

impl Part {
    /// If it is of one.
    pub(super) fn of(request: &Request) -> Result<Option<Self>> {
        let (request, slice, elements) = match request {
            Request::Orthogonal(whole) => (whole, Slice::whole(&[whole.tensor_len()])?, whole.elements()),
            Request::Slice(sliced) => match sliced.of() {
                Whole::Orthogonal(whole) => (whole, sliced.slice().clone(), sliced.elements()),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok(Some(Self { request: request.clone(), slice, elements }))
    }

    /// Those that lie in matrix number `matrix`.
    fn of_matrix(&self, matrix: u64) -> Range<u64> {
        let Range { start, end } = self.request.elements_of(matrix);
        let Range { start: first, end: last } = self.elements;
        self.slice.before(start).clamp(first, last)..self.slice.before(end).clamp(first, last)
    }
}

/// The dispatches that make a part of an orthogonal tensor, to be written from the beginning of `target` on.
///
/// Of each matrix that the part has something of, all is computed. The work takes a buffer of 4 bytes for each element
/// of a matrix. Elements are within [`Orthogonal::TOLERANCE`] of those of the CPU, not equal to them; on one device
/// they are always the same. |QᵀQ − I| is below 1e-5 · √n.
pub(super) fn orthogonal_steps(
    context: &Context,
    part: &Part,
    target: wgpu::BufferSlice<'_>,
) -> Result<Vec<BoundDispatch>> {
    let request = &part.request;
    if part.elements.is_empty() {
        return Ok(Vec::new());
    }
    let limits = context.device.limits();
    let need = |limit, value: u64, needed: u64| {
        if value < needed { Err(Error::from(DeviceError::Limit { limit, value, needed })) } else { Ok(()) }
    };
    need("max_storage_buffers_per_shader_stage", limits.max_storage_buffers_per_shader_stage.into(), 3)?;
    let bytes = request.padded_vectors() * request.stride() * 4;
    need("max_storage_buffer_binding_size", limits.max_storage_buffer_binding_size, bytes)?;

    let mut all = Vec::new();
    let zeros = Fill::new(0, Law::Constant(0.0), request.dtype(), request.tensor_len())?;
    let zeros_of_part = Request::from(&zeros).slice(&part.slice)?.range(part.elements.clone())?;
    let plan = Plan::of_request(&zeros_of_part, target.offset(), &context.capabilities)?.0;
    check(zeros_of_part.span(), &plan, target)?;
    if request.has_zeros() {
        all.extend(bound_dispatches(context, &[Planned::new(context, &zeros, plan, target.buffer())?])?);
    }
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
    let buffer = |label, bytes| context.create_buffer(label, bytes, usage);
    let vectors = buffer("weightinit vectors", bytes)?;
    let products = buffer("weightinit products", request.padded_vectors() * PANEL * 4)?;
    let cholesky = buffer("weightinit Cholesky factor", (PANEL + 1) * PANEL * 4)?;

    let orthonormal = context.orthonormal();
    let dispatches = dispatches(orthonormal, request);
    let (uniform, stride) =
        uniform_buffer(&context.device, "weightinit steps", dispatches.iter().map(|dispatch| dispatch.step))?;
    let bind_group = bind(context, orthonormal, &uniform, [&vectors, &products, &cholesky]);
    let orthonormalized = |(number, Dispatch { pipeline, workgroups, .. }): (u32, &Dispatch<'_>)| BoundDispatch {
        pipeline: (*pipeline).clone(),
        bind_group: bind_group.clone(),
        parameters: Parameters::Offset(number * stride),
        workgroups: *workgroups,
    };
    for matrix in (0..request.matrices()).filter(|matrix| !part.of_matrix(*matrix).is_empty()) {
        let normals = request.normals(matrix)?;
        let plan = Plan::new(&normals, 0, &context.capabilities)?;
        all.extend(bound_dispatches(context, &[Planned::new(context, &normals, plan, &vectors)?])?);
        all.extend((0..).zip(&dispatches).map(orthonormalized));
        all.extend(bound_dispatches(context, &[gather(context, part, matrix, &vectors, target)?])?);
    }
    Ok(all)
}

fn bind(
    context: &Context,
    orthonormal: &Orthonormal,
    uniform: &wgpu::Buffer,
    storage: [&wgpu::Buffer; 3],
) -> wgpu::BindGroup {
    let uniform = entry(0, uniform, 0, size_of::<crate::gpu::orthonormal::Step>() as u64);
    let storage = (1..).zip(storage).map(|(binding, buffer)| entry(binding, buffer, 0, buffer.size()));
    let entries: Vec<_> = std::iter::once(uniform).chain(storage).collect();
    let (label, layout) = (Some("weightinit orthogonal"), &orthonormal.layout);
    context.device.create_bind_group(&wgpu::BindGroupDescriptor { label, layout, entries: &entries })
}

/// What writes those elements of a matrix that are asked for from the vectors to their places in the target.
fn gather<'a>(
    context: &Context,
    part: &Part,
    matrix: u64,
    vectors: &wgpu::Buffer,
    target: wgpu::BufferSlice<'a>,
) -> Result<Planned<'a>> {
    let request = &part.request;
    let elements = request.elements_of(matrix);
    let [taps, tap] = request.taps();
    let [row_step, column_step] = request.steps();
    let structure = [row_step, column_step, taps, tap].map(|word| word as u32);
    let columns = (request.columns() * taps) as u32;
    let fill = Fill::gathered(request.dtype(), elements.end - elements.start, request.gain(), columns, structure);
    let asked = part.of_matrix(matrix);
    // In a box of the destination places are counted from the array's first.
    let together = part.slice.destination().is_none();
    let before = if together { asked.start - part.elements.start } else { 0 };
    let offset = target.offset() + before * request.dtype().size();
    let plan = if together && part.slice.levels().is_empty() {
        let first = part.slice.source(asked.start) - elements.start;
        let range = fill.range(first..first + (asked.end - asked.start))?;
        Plan::new(&range, offset, &context.capabilities)?
    } else {
        Plan::of_part(&fill, (&part.slice, asked, elements.start), offset, &context.capabilities)?
    };
    Ok(Planned { plan, table: Some(vectors.clone()), destination: target.buffer() })
}
