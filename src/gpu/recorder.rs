//! The recorder: requests, each for its target, as one recording.

use crate::error::{DeviceError, Error, Result};
use crate::gpu::bind::{Planned, bound_dispatches};
use crate::gpu::context::Context;
use crate::gpu::failure;
use crate::gpu::orthogonal::{Part, orthogonal_steps};
use crate::gpu::recording::Recording;
use crate::gpu::target::{check, check_buffer, check_size, clears};
use crate::plan::Plan;
use crate::request::{Request, Whole};

/// What is to be recorded: dispatches, and the targets that `clear_buffer` fills.
pub(super) struct Recorded<'a> {
    pub(super) recording: Recording,
    pub(super) cleared: Vec<(wgpu::BufferSlice<'a>, u64)>,
}

/// Plans and binds `requests`, zeros by `clear_buffer` where it does and `clearing`. Whatever fails, fails here: with
/// the number of the request where there are several.
///
/// Fills are sorted by pipeline, each of which is then set once; where an update is among them, all are done in the
/// given order, and none by `clear_buffer`, which comes before every pass.
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
        let simplest = requests.iter().enumerate().map(|(index, &(request, target))| {
            let request = request.clone().into().simplest().map_err(|error| named(index, error))?;
            Ok((request, target))
        });
        let simplest = simplest.collect::<Result<Vec<_>>>()?;
        let in_order = simplest.iter().any(|(request, _)| updates(request));
        let mut plans = Vec::with_capacity(simplest.len());
        let (mut all, mut cleared, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (request, target)) in simplest.iter().enumerate() {
            let mut plan_one = || {
                if let Some(part) = Part::of(request)? {
                    let steps = orthogonal_steps(context, &part, *target)?;
                    if in_order {
                        all.extend(bound_dispatches(context, &std::mem::take(&mut plans))?);
                        all.extend(steps);
                    } else {
                        last.extend(steps);
                    }
                    return Ok(());
                }
                let (plan, fill) = Plan::of_request(request, target.offset(), &context.capabilities)?;
                let bytes = request.span();
                if clearing && !in_order && request.as_fill().is_some() && clears(&fill, *target) {
                    check_size(bytes, &plan, *target)?;
                    check_buffer(context, target.buffer());
                    cleared.push((*target, bytes));
                    return Ok(());
                }
                check(bytes, &plan, *target)?;
                plans.push(Planned::new(context, &fill, plan, target.buffer())?);
                Ok(())
            };
            plan_one().map_err(|error| named(index, error))?;
        }
        if !in_order {
            // Stable, so that equal fills are recorded alike.
            plans.sort_by_key(|planned| planned.plan.kernel());
        }
        all.extend(bound_dispatches(context, &plans)?);
        all.extend(last);
        if failure::is_lost(&context.device) {
            return Err(DeviceError::Lost.into());
        }
        Ok(Recorded { recording: Recording { dispatches: all }, cleared })
    })
}

/// Whether a request changes what is there.
fn updates(request: &Request) -> bool {
    match request {
        Request::Update(_) => true,
        Request::Slice(sliced) => matches!(sliced.of(), Whole::Update(_)),
        Request::Fill(_) | Request::Orthogonal(_) => false,
    }
}
