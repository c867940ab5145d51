//! One device of an adapter, and the chunks that were submitted to it.

use std::sync::mpsc::{Receiver, channel};

use anyhow::{Context, Result};
use weightinit::error::DeviceError;
use weightinit::gpu::Filler;
use weightinit::{Error, Orthogonal, wgpu};

use super::slot::Slot;
use crate::backend::adapters::open;
use crate::backend::chunk::Chunk;
use crate::backend::failure::Failure;
use crate::backend::fills;
use crate::backend::host::by_cpu;
use crate::file::ALIGNMENT;
use crate::model::job::Tensor;
use crate::output::buffer::PAGE;
use crate::progress::note;

pub(super) struct Device {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) filler: Filler,
    pub(super) failure: Failure,
}

/// A chunk that was submitted.
pub(super) struct InFlight {
    pub(super) chunk: Chunk,
    pub(super) slot: Slot,
    /// Where it begins in the slot, and where it ends.
    pub(super) range: std::ops::Range<u64>,
    submission: wgpu::SubmissionIndex,
    mapped: Receiver<Result<(), wgpu::BufferAsyncError>>,
}

impl Device {
    pub(super) fn open(adapter: &wgpu::Adapter) -> Result<Self> {
        let (device, queue, filler) = open(adapter)?;
        let failure = Failure::watch(&device);
        Ok(Self { device, queue, filler, failure })
    }

    /// Begins to fill `chunk` in `slot`: where it is lent, at its place in a page of the file, but so that whole units
    /// can be stored.
    pub(super) fn submit(&self, tensors: &[Tensor], chunk: Chunk, slot: Slot, lends: bool) -> Result<InFlight> {
        let (page, unit) = (PAGE as u64, ALIGNMENT as u64);
        let offset = if lends { chunk.offset.wrapping_sub(slot.phase) % page / unit * unit } else { 0 };
        let fills = fills(tensors, &chunk)?;
        let targets: Vec<_> =
            fills.iter().map(|(fill, range)| (fill, slot.filled.slice(offset + range.start as u64..))).collect();
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.filler.encode_all(&mut encoder, &targets)?;
        let end = (offset + chunk.bytes).next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        if let Some(staging) = &slot.staging {
            encoder.copy_buffer_to_buffer(&slot.filled, 0, staging, 0, Some(end));
        }
        let submission = self.queue.submit([encoder.finish()]);
        let (sender, mapped) = channel();
        slot.readable().slice(..end).map_async(wgpu::MapMode::Read, move |result| {
            // The receiver is gone only where the run has failed already.
            let _ = sender.send(result);
        });
        self.failure.check()?;
        Ok(InFlight { chunk, slot, range: offset..end, submission, mapped })
    }

    /// Waits for a chunk of this device, and only for that: later ones go on being computed.
    pub(super) fn wait(&self, in_flight: &InFlight) -> Result<()> {
        let wait = wgpu::PollType::Wait { submission_index: Some(in_flight.submission.clone()), timeout: None };
        weightinit::gpu::wait(&self.device, wait)?;
        let result = in_flight.mapped.recv().context("the GPU stopped working")?;
        // What went wrong says more than that this buffer cannot be read.
        self.failure.check()?;
        result.context("reading back from the GPU")
    }

    /// An orthogonal tensor, by the CPU where it is too large for the device.
    pub(super) fn orthogonal(&self, orthogonal: &Orthogonal) -> Result<Vec<u8>> {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        let size = orthogonal.byte_count().next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        let record = || {
            let limit = self.device.limits().max_buffer_size;
            if size > limit {
                return Err(Error::Device(DeviceError::Limit { limit: "max_buffer_size", value: limit, needed: size }));
            }
            let descriptor =
                wgpu::BufferDescriptor { label: Some("orthogonal"), size, usage, mapped_at_creation: false };
            let buffer = self.device.create_buffer(&descriptor);
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            self.filler.encode(&mut encoder, orthogonal, buffer.slice(..))?;
            self.queue.submit([encoder.finish()]);
            Ok(buffer)
        };
        match record() {
            Ok(buffer) => {
                self.failure.check()?;
                let mut bytes = self.filler.read_back(&self.queue, buffer.slice(..))?;
                bytes.truncate(orthogonal.byte_count() as usize);
                Ok(bytes)
            }
            Err(error @ Error::Device(DeviceError::Limit { .. })) => {
                let (rows, columns) = (orthogonal.rows(), orthogonal.columns());
                note(&format!("an orthogonal matrix of {rows} x {columns} is computed on the CPU: {error}"));
                by_cpu(orthogonal)
            }
            Err(error) => Err(error.into()),
        }
    }
}
