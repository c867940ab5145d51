//! Targets: what a buffer must be to take a request.

use crate::error::{DeviceError, Result};
use crate::gpu::bind::entry;
use crate::gpu::context::Context;
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

/// Makes wgpu refuse a buffer of another device, or one that is destroyed, inside of an error scope: an encoder does so
/// only when its commands are submitted. Where shaders cannot write the buffer, a destroyed one is not seen.
pub(super) fn check_buffer(context: &Context, buffer: &wgpu::Buffer) {
    if buffer.usage().contains(wgpu::BufferUsages::STORAGE) {
        let entries = [entry(0, buffer, 0, wgpu::COPY_BUFFER_ALIGNMENT)];
        let layout = context.any_buffer();
        let descriptor = wgpu::BindGroupDescriptor { label: Some("weightinit"), layout, entries: &entries };
        drop(context.device.create_bind_group(&descriptor));
    } else {
        let mut encoder = context.create_encoder();
        encoder.clear_buffer(buffer, 0, Some(0));
        drop(encoder.finish());
    }
}

/// Whether `clear_buffer` does the same: all bits zero, whole words, and a buffer that allows it.
pub(super) fn clears(fill: &Fill, target: wgpu::BufferSlice<'_>) -> bool {
    fill.sampler().kind == Kind::Constant
        && fill.sampler().pattern == 0
        && target.offset().is_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT)
        && fill.byte_count().is_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT)
        && target.buffer().usage().contains(wgpu::BufferUsages::COPY_DST)
}
