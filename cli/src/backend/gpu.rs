//! A GPU: chunks are filled in a ring of buffers, so that computing, copying back and writing overlap.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context, Result, ensure};
use wginit::gpu::{Filler, describe};
use wginit::{Error, Fill, Orthogonal, wgpu};

use super::failure::Failure;
use super::host::by_cpu;
use super::{Backend, Host, Sink, fills};
use crate::buffer::{ALIGNMENT, Bytes, PAGE};
use crate::chunk::{CHUNK, Chunk, Piece};
use crate::job::{Content, Tensor};
use crate::progress::note;

#[cfg(test)]
mod losses;
#[cfg(test)]
mod ring;

/// Chunks in flight: one being computed, one on its way back, one being written.
const RING: usize = 3;

pub(crate) struct Gpu {
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    filler: Filler,
    failure: Failure,
    /// Whether the writer gets chunks where they were filled: in a software adapter's memory, which is like any other. What a
    /// driver maps of a card's can be read, but not every disk can take it from there.
    lends: bool,
}

/// A chunk in its slot, which goes back when this is dropped.
struct Lent {
    view: Option<wgpu::BufferView>,
    len: usize,
    slot: Option<Slot>,
    back: Sender<Slot>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.view.as_deref().map_or(&[], |view| &view[..self.len])
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.view = None;
        if let Some(slot) = self.slot.take() {
            slot.readable().unmap();
            // Nobody takes it where the run is over.
            let _ = self.back.send(slot);
        }
    }
}

/// Places for chunks, where they are lent: as many wait for the writer as there are in flight.
const LENT: usize = 2 * RING;

/// A place for one chunk: where it is filled, and where the host reads it if it cannot do so there.
struct Slot {
    filled: wgpu::Buffer,
    staging: Option<wgpu::Buffer>,
    /// Where it begins in a page, as far as is known: drivers put several into one piece of memory.
    phase: u64,
}

impl Slot {
    fn readable(&self) -> &wgpu::Buffer {
        self.staging.as_ref().unwrap_or(&self.filled)
    }
}

/// A chunk that was submitted.
struct InFlight {
    chunk: Chunk,
    slot: Slot,
    /// Where it begins in the slot.
    offset: u64,
    submission: wgpu::SubmissionIndex,
    mapped: Receiver<Result<(), wgpu::BufferAsyncError>>,
}

/// The adapter's device and its filler.
pub(crate) fn open(adapter: &wgpu::Adapter) -> Result<(wgpu::Device, wgpu::Queue, Filler)> {
    let (device, queue) = pollster::block_on(wginit::gpu::open(adapter))?;
    let filler = Filler::new(&device)?;
    Ok((device, queue, filler))
}

impl Gpu {
    /// Opens `adapter` and checks on it the kernels that `fills` use.
    pub(crate) fn new<'a>(adapter: &wgpu::Adapter, fills: impl Iterator<Item = &'a Fill>) -> Result<Self> {
        let name = describe(&adapter.get_info());
        let (device, queue, filler) = open(adapter).with_context(|| format!("cannot use {name}"))?;
        let failure = Failure::watch(&device);
        let check = filler.self_check_of(&queue, fills);
        let check = failure.check().and(check).with_context(|| format!("cannot use {name}"))?;
        ensure!(
            check.passed(),
            "{name} computes other bits than the CPU reference ({check}); use another adapter or --backend cpu"
        );
        let lends = adapter.get_info().device_type == wgpu::DeviceType::Cpu
            && device.features().contains(wgpu::Features::MAPPABLE_PRIMARY_BUFFERS);
        Ok(Self { name, device, queue, filler, failure, lends })
    }

    /// An error once the device has failed.
    fn check(&self) -> Result<()> {
        self.failure.check().with_context(|| self.name.clone())
    }

    /// Computes some of the chunks of `tensors`, with the host's part by `host`.
    pub(crate) fn run_chunks(
        &self,
        tensors: &[Tensor],
        chunks: impl Iterator<Item = Chunk>,
        host: &mut Host,
        sink: Sink<'_>,
    ) -> Result<()> {
        let (mut in_flight, mut bytes) = (VecDeque::new(), Bytes::default());
        let total: u64 = tensors.iter().map(Tensor::bytes).sum();
        let size = (total.min(CHUNK) + PAGE as u64).next_multiple_of(PAGE as u64);
        let (back, free) = channel();
        for _ in 0..if self.lends { LENT } else { RING } {
            back.send(self.slot(size)).ok().context("a slot")?;
        }
        for chunk in chunks {
            if in_flight.len() == RING
                && let Some(oldest) = in_flight.pop_front()
            {
                let chunk = self.collect(tensors, oldest, host, &mut bytes, &back)?;
                sink(&chunk, &mut bytes)?;
            }
            // Those that are lent come back when they are written.
            let slot = free.recv().context("a slot")?;
            in_flight.push_back(self.submit(tensors, chunk, slot)?);
        }
        for last in in_flight {
            let chunk = self.collect(tensors, last, host, &mut bytes, &back)?;
            sink(&chunk, &mut bytes)?;
        }
        Ok(())
    }

    /// An orthogonal tensor, by the CPU where it is too large for the device.
    fn orthogonal(&self, orthogonal: &Orthogonal) -> Result<Vec<u8>> {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        let size = orthogonal.byte_count().next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        let record = || {
            let limit = self.device.limits().max_buffer_size;
            if size > limit {
                return Err(Error::DeviceLimit { limit: "max_buffer_size", value: limit, needed: size });
            }
            let descriptor =
                wgpu::BufferDescriptor { label: Some("orthogonal"), size, usage, mapped_at_creation: false };
            let buffer = self.device.create_buffer(&descriptor);
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            self.filler.encode_orthogonal(&mut encoder, orthogonal, buffer.slice(..))?;
            self.queue.submit([encoder.finish()]);
            Ok(buffer)
        };
        match record() {
            Ok(buffer) => {
                self.check()?;
                let mut bytes = self.filler.read_back(&self.queue, buffer.slice(..))?;
                bytes.truncate(orthogonal.byte_count() as usize);
                Ok(bytes)
            }
            Err(error @ Error::DeviceLimit { .. }) => {
                let (rows, columns) = (orthogonal.rows(), orthogonal.columns());
                note(&format!("an orthogonal matrix of {rows} x {columns} is computed on the CPU: {error}"));
                by_cpu(orthogonal)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn slot(&self, size: u64) -> Slot {
        use wgpu::BufferUsages as Usages;
        let buffer = |label, usage| {
            let descriptor = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
            self.device.create_buffer(&descriptor)
        };
        let filled = Usages::STORAGE | Usages::COPY_DST;
        if self.device.features().contains(wgpu::Features::MAPPABLE_PRIMARY_BUFFERS) {
            return Slot { filled: buffer("chunk", filled | Usages::MAP_READ), staging: None, phase: 0 };
        }
        Slot {
            filled: buffer("chunk", filled | Usages::COPY_SRC),
            staging: Some(buffer("staging", Usages::MAP_READ | Usages::COPY_DST)),
            phase: 0,
        }
    }

    fn submit(&self, tensors: &[Tensor], chunk: Chunk, slot: Slot) -> Result<InFlight> {
        // Where it is lent, in a page as in the file, but so that whole units can be stored.
        let (page, unit) = (PAGE as u64, ALIGNMENT as u64);
        let offset = if self.lends { chunk.place.wrapping_sub(slot.phase) % page / unit * unit } else { 0 };
        let fills = fills(tensors, &chunk)?;
        let targets: Vec<_> =
            fills.iter().map(|(fill, place)| (fill, slot.filled.slice(offset + place.start as u64..))).collect();
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
        self.check()?;
        Ok(InFlight { chunk, slot, offset, submission, mapped })
    }

    /// Waits for a chunk: its bytes, which are lent or copied.
    fn collect(
        &self,
        tensors: &[Tensor],
        in_flight: InFlight,
        host: &mut Host,
        bytes: &mut Bytes,
        back: &Sender<Slot>,
    ) -> Result<Chunk> {
        let InFlight { chunk, mut slot, offset, submission, mapped } = in_flight;
        // Only this chunk's: later ones go on computing.
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
        wginit::gpu::wait(&self.device, wait).with_context(|| self.name.clone())?;
        let result = mapped.recv().context("the GPU stopped working")?;
        // What went wrong says more than that this buffer cannot be read.
        self.check()?;
        result.context("reading back from the GPU")?;
        let end = (offset + chunk.bytes).next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        let view = slot.readable().get_mapped_range(offset..end)?;
        slot.phase = (view.as_ptr() as u64).wrapping_sub(offset) % PAGE as u64;
        let len = chunk.bytes as usize;
        let lent = Lent { view: Some(view), len, slot: Some(slot), back: back.clone() };
        let is_filled = |piece: &Piece| matches!(tensors[piece.tensor].content, Content::Fill(_));
        if self.lends && chunk.pieces.iter().all(is_filled) {
            bytes.lend(lent);
        } else {
            let buffer = bytes.own();
            buffer.reset(len, chunk.place);
            buffer.copy_from_slice(lent.as_ref());
            drop(lent);
            host.write(tensors, &chunk, buffer, &|tensor| self.orthogonal(tensor))?;
        }
        Ok(chunk)
    }
}

impl Backend for Gpu {
    fn kind(&self) -> &'static str {
        "gpu"
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn run(&mut self, tensors: &[Tensor], chunks: &[Chunk], host: &mut Host, sink: Sink<'_>) -> Result<()> {
        self.run_chunks(tensors, chunks.iter().cloned(), host, sink)
    }
}
