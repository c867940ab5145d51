//! What went wrong on a device, as an [`Error`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::self_check::ready;
use crate::error::{Error, Result};

impl From<wgpu::Error> for Error {
    /// What an error scope or the handler of uncaptured errors receives.
    fn from(error: wgpu::Error) -> Self {
        match error {
            wgpu::Error::OutOfMemory { .. } => Error::OutOfMemory,
            error => Error::Device(error.to_string()),
        }
    }
}

/// Waits as [`wgpu::Device::poll`] does. Where that panics, which is what wgpu does if a device is lost meanwhile, this
/// returns an error.
///
/// # Errors
/// [`Error::DeviceLost`], and [`Error::Device`] if waiting fails otherwise.
pub fn wait(device: &wgpu::Device, poll: wgpu::PollType) -> Result<()> {
    // Nothing of ours is half changed then, and wgpu panics when it has let go of its locks.
    match catch_unwind(AssertUnwindSafe(|| device.poll(poll))) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(of(device, &error)),
        Err(_) => Err(Error::DeviceLost),
    }
}

/// Runs `operation`, and returns what it made wgpu report, which would reach the handler of uncaptured errors: that panics
/// unless the embedder has set another.
pub(super) fn scoped<T>(device: &wgpu::Device, operation: impl FnOnce() -> Result<T>) -> Result<T> {
    let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let result = operation();
    let validation = ready(validation.pop());
    match ready(memory.pop()).or(validation).map(Error::from) {
        None => result,
        // On a lost device nothing is valid.
        Some(Error::Device(cause)) => Err(of(device, &cause)),
        Some(error) => Err(error),
    }
}

/// The error for an operation that failed with `cause`, which only says that the buffer is of no use where the device is lost.
pub(super) fn of(device: &wgpu::Device, cause: &dyn std::fmt::Display) -> Error {
    if is_lost(device) { Error::DeviceLost } else { Error::Device(cause.to_string()) }
}

/// Whether `device` is lost. It has one callback for that, which belongs to whoever opened it; but a lost device maps no
/// buffer.
fn is_lost(device: &wgpu::Device) -> bool {
    let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let descriptor = wgpu::BufferDescriptor {
        label: Some("weightinit probe"),
        size: wgpu::COPY_BUFFER_ALIGNMENT,
        usage: wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: true,
    };
    let probe = device.create_buffer(&descriptor);
    let no_memory = ready(memory.pop()).is_some();
    !no_memory && probe.get_mapped_range(..).is_err()
}
