//! Reading buffers back: a copy to a mappable buffer, waited for.

use std::ops::Range;
use std::sync::mpsc;

use super::failure;
use super::filler::Filler;
use crate::error::{Error, Result};

/// Bytes that are copied and mapped at a time.
const STAGING: u64 = 64 << 20;

impl Filler {
    /// The bytes of `source`, any range of a buffer with `COPY_SRC`. Submits and waits; not for browsers, where nothing
    /// may wait.
    ///
    /// # Errors
    /// [`Error::MissingUsage`], [`Error::Misaligned`] if the range ends inside a buffer's unaligned last word,
    /// [`Error::OutOfMemory`], [`Error::DeviceLost`], and [`Error::Device`] if the copy fails otherwise.
    pub fn read_back(&self, queue: &wgpu::Queue, source: wgpu::BufferSlice<'_>) -> Result<Vec<u8>> {
        let buffer = source.buffer();
        if !buffer.usage().contains(wgpu::BufferUsages::COPY_SRC) {
            return Err(Error::MissingUsage { usage: "COPY_SRC" });
        }
        let (start, end) = (source.offset(), source.offset() + source.size());
        // Copies move whole words.
        let word = wgpu::COPY_BUFFER_ALIGNMENT;
        let (from, to) = (start / word * word, end.next_multiple_of(word));
        if to > buffer.size() {
            return Err(Error::Misaligned { offset: end, alignment: word });
        }
        let mut bytes = failure::scoped(&self.device, || self.read_words(queue, buffer, from..to))?;
        bytes.truncate((end - from) as usize);
        bytes.drain(..(start - from) as usize);
        Ok(bytes)
    }

    /// Whole words of a buffer.
    fn read_words(&self, queue: &wgpu::Queue, buffer: &wgpu::Buffer, words: Range<u64>) -> Result<Vec<u8>> {
        let Range { start: from, end: to } = words;
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let staging = self.create_buffer("weightinit staging", (to - from).min(STAGING), usage)?;
        let mut bytes = Vec::with_capacity((to - from) as usize);
        for offset in (from..to).step_by(STAGING as usize) {
            let size = (to - offset).min(STAGING);
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.copy_buffer_to_buffer(buffer, offset, &staging, 0, Some(size));
            queue.submit([encoder.finish()]);
            let (sender, receiver) = mpsc::channel();
            staging.slice(..size).map_async(wgpu::MapMode::Read, move |result| {
                // The receiver is gone only if waiting failed, which is reported there.
                let _ = sender.send(result);
            });
            failure::wait(&self.device, wgpu::PollType::wait_indefinitely())?;
            let failed = |error: &dyn std::fmt::Display| failure::of(&self.device, &format!("reading back: {error}"));
            receiver.recv().map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
            bytes.extend_from_slice(&staging.get_mapped_range(..size).map_err(|error| failed(&error))?);
            staging.unmap();
        }
        Ok(bytes)
    }
}
