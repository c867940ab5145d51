//! What went wrong on a device, as an [`Error`].

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::error::{DeviceError, Error, Result};

impl From<wgpu::Error> for Error {
    /// What an error scope or the handler of uncaptured errors receives.
    fn from(error: wgpu::Error) -> Self {
        match error {
            wgpu::Error::OutOfMemory { .. } => Error::Device(DeviceError::OutOfMemory),
            error => Error::Device(DeviceError::Failed(error.to_string())),
        }
    }
}

/// Blocks as [`wgpu::Device::poll`] does. Where that panics, which is what wgpu does if a device is lost meanwhile,
/// this returns an error.
///
/// # Errors
/// [`DeviceError::Lost`], and [`DeviceError::Failed`] if waiting fails otherwise.
pub fn wait(device: &wgpu::Device, poll: wgpu::PollType) -> Result<()> {
    // Nothing of ours is half changed then, and wgpu panics when it has let go of its locks.
    match catch_unwind(AssertUnwindSafe(|| device.poll(poll))) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(of(device, &error)),
        Err(_) => Err(DeviceError::Lost.into()),
    }
}

/// Waits for `future`, which the callbacks of `device` complete: what every function that blocks does with its async
/// twin.
pub(super) fn drive<T>(device: &wgpu::Device, future: impl Future<Output = Result<T>>) -> Result<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(result) => return result,
            Poll::Pending => wait(device, wgpu::PollType::wait_indefinitely())?,
        }
    }
}

/// The result of a future that native backends complete at once; where it is pending (in browsers), nothing is known.
fn ready<T>(future: impl Future<Output = Option<T>>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => None,
    }
}

/// Runs `operation`, and returns what it made wgpu report, which would reach the handler of uncaptured errors: that
/// panics unless the embedder has set another.
pub(super) fn scoped<T>(device: &wgpu::Device, operation: impl FnOnce() -> Result<T>) -> Result<T> {
    let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let result = operation();
    let validation = ready(validation.pop());
    match ready(memory.pop()).or(validation).map(Error::from) {
        None => result,
        // On a lost device nothing is valid.
        Some(Error::Device(DeviceError::Failed(cause))) => Err(of(device, &cause)),
        Some(error) => Err(error),
    }
}

/// The error for an operation that failed with `cause`, which only says that the buffer is of no use where the device
/// is lost.
pub(super) fn of(device: &wgpu::Device, cause: &dyn std::fmt::Display) -> Error {
    if is_lost(device) {
        Error::Device(DeviceError::Lost)
    } else {
        Error::Device(DeviceError::Failed(cause.to_string()))
    }
}

/// Whether `device` is lost. It has one callback for that, which belongs to whoever opened it; but a lost device maps
/// no buffer.
pub(super) fn is_lost(device: &wgpu::Device) -> bool {
    let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let descriptor = wgpu::BufferDescriptor {
        label: Some("weightinit probe"),
        size: wgpu::COPY_BUFFER_ALIGNMENT,
        // Mapped itself, without another buffer from which it is copied.
        usage: wgpu::BufferUsages::MAP_WRITE | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: true,
    };
    let probe = device.create_buffer(&descriptor);
    let no_memory = ready(memory.pop()).is_some();
    !no_memory && probe.get_mapped_range(..).is_err()
}
