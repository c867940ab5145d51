//! The recorder: requests, each for its target, as one recording.

use crate::error::{DeviceError, Error, Result};
use crate::gpu::bind::{Planned, bound_dispatches};
use crate::gpu::context::Context;
use crate::gpu::failure;
use crate::gpu::orthogonal::orthogonal_steps;
use crate::gpu::recording::Recording;
use crate::gpu::target::{check, check_size, clears};
use crate::plan::Plan;
use crate::request::{Fill, Request};

/// What is to be recorded: dispatches, and the targets that `clear_buffer` fills.
pub(super) struct Recorded<'a> {
    pub(super) recording: Recording,
    pub(super) cleared: Vec<(wgpu::BufferSlice<'a>, u64)>,
}

/// Plans and binds `requests`, zeros by `clear_buffer` where it does and `clearing`. Whatever fails, fails here: with
/// the number of the request where there are several.
///
/// Fills are sorted by pipeline, each of which is then set once; where an update is among them, all are done in the
/// given order.
pub(super) fn record<'a, R: Into<Request> + Clone>(
    context: &Context,
    requests: &[(&R, wgpu::BufferSlice<'a>)],
    clearing: bool,
) -> Result<Recorded<'a>> {
    let named = |index, error| match error {
        // These are not the request's.
        Error::Device(DeviceError::Lost) | Error::Device(DeviceError::OutOfMemory) => error,
        error if requests.len() == 1 => error,
        error => Error::Request { index, error: Box::new(error) },
    };
    failure::scoped(&context.device, || {
        let mut plans = Vec::with_capacity(requests.len());
        let (mut cleared, mut in_order, mut last) = (Vec::new(), false, Vec::new());
        for (index, &(request, target)) in requests.iter().enumerate() {
            let planned = match request.clone().into() {
                Request::Fill(fill) => {
                    plan_fill(context, &fill, target, clearing, &mut cleared).map(|plan| plans.extend(plan))
                }
                Request::Update(update) => {
                    in_order = true;
                    let plan = Plan::of_update(&update, target.offset(), &context.capabilities);
                    plan.and_then(|plan| {
                        check(update.fill().byte_count(), &plan, target)?;
                        plans.push(Planned::new(context, update.fill(), plan, target.buffer())?);
                        Ok(())
                    })
                }
                Request::Slice(_) => Err(Error::NotElementwise),
                Request::Orthogonal(orthogonal) => {
                    orthogonal_steps(context, &orthogonal, target).map(|steps| last.extend(steps))
                }
            };
            planned.map_err(|error| named(index, error))?;
        }
        if !in_order {
            // Stable, so that equal fills are recorded alike.
            plans.sort_by_key(|planned| planned.plan.kernel());
        }
        let mut all = bound_dispatches(context, &plans)?;
        all.extend(last);
        Ok(Recorded { recording: Recording { dispatches: all }, cleared })
    })
}

fn plan_fill<'a>(
    context: &Context,
    fill: &Fill,
    target: wgpu::BufferSlice<'a>,
    clearing: bool,
    cleared: &mut Vec<(wgpu::BufferSlice<'a>, u64)>,
) -> Result<Option<Planned<'a>>> {
    let plan = Plan::new(fill, target.offset(), &context.capabilities)?;
    if clearing && clears(fill, target) {
        check_size(fill.byte_count(), &plan, target)?;
        cleared.push((target, fill.byte_count()));
        return Ok(None);
    }
    check(fill.byte_count(), &plan, target)?;
    Planned::new(context, fill, plan, target.buffer()).map(Some)
}
