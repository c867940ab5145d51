//! Reading buffers back: a copy to a mappable buffer, waited for.

use std::ops::Range;

use crate::error::{DeviceError, Result};
use crate::gpu::context::Context;
use crate::gpu::failure;
use crate::gpu::signal::signal;

/// Bytes that are copied and mapped at a time.
const STAGING: u64 = 64 << 20;

/// The bytes of `source`.
pub(super) async fn read_back(
    context: &Context,
    queue: &wgpu::Queue,
    source: wgpu::BufferSlice<'_>,
) -> Result<Vec<u8>> {
    let buffer = source.buffer();
    if !buffer.usage().contains(wgpu::BufferUsages::COPY_SRC) {
        return Err(DeviceError::MissingUsage { usage: "COPY_SRC" }.into());
    }
    let (start, end) = (source.offset(), source.offset() + source.size());
    // Copies move whole words.
    let word = wgpu::COPY_BUFFER_ALIGNMENT;
    let (from, to) = (start / word * word, end.next_multiple_of(word));
    if to > buffer.size() {
        return Err(DeviceError::Misaligned { offset: end, alignment: word }.into());
    }
    let mut bytes = read_words(context, queue, buffer, from..to).await?;
    bytes.truncate((end - from) as usize);
    bytes.drain(..(start - from) as usize);
    Ok(bytes)
}

/// Whole words of a buffer.
async fn read_words(
    context: &Context,
    queue: &wgpu::Queue,
    buffer: &wgpu::Buffer,
    words: Range<u64>,
) -> Result<Vec<u8>> {
    let Range { start: from, end: to } = words;
    let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
    let staging = context.create_buffer("weightinit staging", (to - from).min(STAGING), usage)?;
    let mut bytes = Vec::with_capacity((to - from) as usize);
    for offset in (from..to).step_by(STAGING as usize) {
        let size = (to - offset).min(STAGING);
        let (sender, mapped) = signal();
        failure::scoped(&context.device, || {
            let mut encoder = context.create_encoder();
            encoder.copy_buffer_to_buffer(buffer, offset, &staging, 0, Some(size));
            queue.submit([encoder.finish()]);
            staging.slice(..size).map_async(wgpu::MapMode::Read, |result| sender.send(result));
            Ok(())
        })?;
        let failed = |error: &dyn std::fmt::Display| failure::of(&context.device, &format!("reading back: {error}"));
        mapped.await.map_err(|error| failed(&error))?;
        bytes.extend_from_slice(&staging.get_mapped_range(..size).map_err(|error| failed(&error))?);
        staging.unmap();
    }
    Ok(bytes)
}
