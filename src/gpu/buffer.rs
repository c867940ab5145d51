//! Buffers of the backend's own, with typed errors where wgpu would report uncaptured ones.

use crate::error::{DeviceError, Result};
use crate::gpu::failure;

/// A buffer of at least `size` bytes.
pub(super) fn create_buffer(
    device: &wgpu::Device,
    label: &str,
    size: u64,
    usage: wgpu::BufferUsages,
) -> Result<wgpu::Buffer> {
    let (limit, size) = (device.limits().max_buffer_size, size.next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT));
    if size > limit {
        return Err(DeviceError::Limit { limit: "max_buffer_size", value: limit, needed: size }.into());
    }
    let descriptor = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
    failure::scoped(device, || Ok(device.create_buffer(&descriptor)))
}

/// A buffer that holds `contents` from its creation on: no queue is needed to write it.
pub(super) fn buffer_with(
    device: &wgpu::Device,
    label: &str,
    usage: wgpu::BufferUsages,
    contents: &[u8],
) -> Result<wgpu::Buffer> {
    let descriptor =
        wgpu::BufferDescriptor { label: Some(label), size: contents.len() as u64, usage, mapped_at_creation: true };
    let buffer = failure::scoped(device, || Ok(device.create_buffer(&descriptor)))?;
    // A lost device maps nothing, and panics where what is not mapped is unmapped.
    let mapped = buffer.get_mapped_range_mut(..).map_err(|error| failure::of(device, &error));
    mapped?.copy_from_slice(contents);
    buffer.unmap();
    Ok(buffer)
}
