//! Recordings: dispatches with everything made that they need, ready for a compute pass.

use crate::plan::Params;

/// Requests that were planned for their targets: see [`Filler::prepare`](crate::gpu::Filler::prepare). It keeps the
/// targets' buffers alive.
///
/// ```no_run
/// # fn example(
/// #     filler: &weightinit::gpu::Filler, weights: &weightinit::wgpu::Buffer, encoder: &mut weightinit::wgpu::CommandEncoder,
/// # ) -> Result<(), weightinit::Error> {
/// use weightinit::{DType, Fill, Law};
///
/// let noise = Fill::new("noise", Law::normal(0.0, 0.1), DType::F32, 4096)?;
/// let reset = filler.prepare(&[(&noise, weights.slice(..))])?;
/// // Each time that it is needed:
/// reset.record(&mut encoder.begin_compute_pass(&Default::default()));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recording {
    pub(super) dispatches: Vec<BoundDispatch>,
}

/// One dispatch.
#[derive(Clone, Debug)]
pub(super) struct BoundDispatch {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) bind_group: wgpu::BindGroup,
    pub(super) parameters: Parameters,
    pub(super) workgroups: [u32; 2],
}

/// Where a dispatch's parameters are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parameters {
    /// In the command stream.
    Immediates(Params),
    /// In a uniform buffer, from this byte on.
    Offset(u32),
}

impl Recording {
    /// Whether there is nothing to record.
    pub fn is_empty(&self) -> bool {
        self.dispatches.is_empty()
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
        for dispatch in &self.dispatches {
            if current != Some(&dispatch.pipeline) {
                pass.set_pipeline(&dispatch.pipeline);
                current = Some(&dispatch.pipeline);
            }
            match &dispatch.parameters {
                Parameters::Immediates(params) => {
                    pass.set_bind_group(0, &dispatch.bind_group, &[]);
                    pass.set_immediates(0, bytemuck::bytes_of(params));
                }
                Parameters::Offset(offset) => pass.set_bind_group(0, &dispatch.bind_group, &[*offset]),
            }
            let [x, y] = dispatch.workgroups;
            pass.dispatch_workgroups(x, y, 1);
        }
    }
}
