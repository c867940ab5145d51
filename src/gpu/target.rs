//! Targets: what a buffer must be to take a request.

use crate::error::{DeviceError, Result};
use crate::law::Kind;
use crate::plan::Plan;
use crate::request::Fill;

/// Refuses a buffer that shaders cannot write, and a target that ends before `bytes`, or inside of their last word.
pub(super) fn check(bytes: u64, plan: &Plan, target: wgpu::BufferSlice<'_>) -> Result<()> {
    if !target.buffer().usage().contains(wgpu::BufferUsages::STORAGE) {
        return Err(DeviceError::MissingUsage { usage: "STORAGE" }.into());
    }
    check_size(bytes, plan, target)
}

/// Refuses a target that ends before `bytes`, or inside of their last word.
pub(super) fn check_size(bytes: u64, plan: &Plan, target: wgpu::BufferSlice<'_>) -> Result<()> {
    if bytes > target.size() {
        return Err(DeviceError::BufferTooSmall { needed: bytes, available: target.size() }.into());
    }
    let end = plan.bytes().end;
    if end > target.buffer().size() {
        let needed = end - target.offset();
        return Err(DeviceError::BufferTooSmall { needed, available: target.buffer().size() - target.offset() }.into());
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
