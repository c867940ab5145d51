//! A GPU: chunks are filled in a ring of buffers, so that computing, copying back and writing overlap.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};

use anyhow::{Context, Result, ensure};
use wginit::gpu::{Filler, describe};
use wginit::{Error, Fill, Orthogonal, wgpu};

use super::host::{Host, by_cpu};
use super::{Backend, Sink, fills};
use crate::chunk::{CHUNK, Chunk, chunks};
use crate::job::Tensor;
use crate::progress::note;

/// Chunks in flight: one being computed, one on its way back, one being written.
const RING: usize = 3;

pub(crate) struct Gpu {
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    filler: Filler,
}

/// A place for one chunk: where it is filled, and where the host reads it.
struct Slot {
    filled: wgpu::Buffer,
    staging: wgpu::Buffer,
}

/// A chunk that was submitted.
struct InFlight {
    chunk: Chunk,
    slot: Slot,
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
        let check = filler.self_check_of(&queue, fills).with_context(|| format!("cannot use {name}"))?;
        ensure!(
            check.passed(),
            "{name} computes other bits than the CPU reference ({check}); use another adapter or --backend cpu"
        );
        Ok(Self { name, device, queue, filler })
    }

    /// Computes some of the chunks of `tensors`, with the host's part by `host`.
    pub(crate) fn run_chunks(
        &self,
        tensors: &[Tensor],
        chunks: impl Iterator<Item = Chunk>,
        host: &mut Host<'_>,
        sink: Sink<'_>,
    ) -> Result<()> {
        let mut in_flight = VecDeque::new();
        let total: u64 = tensors.iter().map(Tensor::bytes).sum();
        let size = total.min(CHUNK).next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        for chunk in chunks {
            let slot = if in_flight.len() < RING {
                self.slot(size)
            } else {
                let oldest = in_flight.pop_front().context("a chunk in flight")?;
                self.collect(tensors, oldest, host, sink)?
            };
            in_flight.push_back(self.submit(tensors, chunk, slot)?);
        }
        for last in in_flight {
            self.collect(tensors, last, host, sink)?;
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
        Slot {
            filled: buffer("chunk", Usages::STORAGE | Usages::COPY_SRC | Usages::COPY_DST),
            staging: buffer("staging", Usages::MAP_READ | Usages::COPY_DST),
        }
    }

    fn submit(&self, tensors: &[Tensor], chunk: Chunk, slot: Slot) -> Result<InFlight> {
        let fills = fills(tensors, &chunk)?;
        let targets: Vec<_> =
            fills.iter().map(|(fill, place)| (fill, slot.filled.slice(place.start as u64..))).collect();
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.filler.encode_all(&mut encoder, &targets)?;
        let size = chunk.bytes.next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        encoder.copy_buffer_to_buffer(&slot.filled, 0, &slot.staging, 0, Some(size));
        let submission = self.queue.submit([encoder.finish()]);
        let (sender, mapped) = channel();
        slot.staging.slice(..size).map_async(wgpu::MapMode::Read, move |result| {
            // The receiver is gone only where the run has failed already.
            let _ = sender.send(result);
        });
        Ok(InFlight { chunk, slot, submission, mapped })
    }

    fn collect(&self, tensors: &[Tensor], in_flight: InFlight, host: &mut Host<'_>, sink: Sink<'_>) -> Result<Slot> {
        let InFlight { chunk, slot, submission, mapped } = in_flight;
        // Only this chunk's: later ones go on computing.
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
        self.device.poll(wait).context("the GPU stopped working")?;
        let result = mapped.recv().context("the GPU stopped working")?;
        result.context("reading back from the GPU")?;
        {
            let view = slot.staging.get_mapped_range(..chunk.bytes.next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT))?;
            if Host::has_part(tensors, &chunk) {
                let mut bytes = view[..chunk.bytes as usize].to_vec();
                host.write(tensors, &chunk, &mut bytes)?;
                sink(&chunk, &bytes)?;
            } else {
                sink(&chunk, &view[..chunk.bytes as usize])?;
            }
        }
        slot.staging.unmap();
        Ok(slot)
    }
}

impl Backend for Gpu {
    fn kind(&self) -> &'static str {
        "gpu"
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn run(&mut self, tensors: &[Tensor], sink: Sink<'_>) -> Result<()> {
        let orthogonal = |orthogonal: &_| self.orthogonal(orthogonal);
        self.run_chunks(tensors, chunks(tensors), &mut Host::new(&orthogonal), sink)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::bail;
    use safetensors::Dtype;
    use wginit::{DType, Law};

    use super::*;
    use crate::chunk::Piece;
    use crate::job::{Content, Why};
    use crate::testing::{ends, random};

    fn tensors() -> Vec<Tensor> {
        let tensor = |name: &str, law, (dtype, stored), elements| {
            let fill = Fill::new(law, dtype, elements).unwrap().stream(name);
            let [rule, call, law, stream] = std::array::from_fn(|_| String::new());
            let why = Why { rule, call, fans: None, law, stream };
            Tensor {
                name: name.to_owned(),
                shape: vec![elements],
                dtype: stored,
                elements,
                content: Content::Fill(fill),
                why,
            }
        };
        let wide = (DType::F32, Dtype::F32);
        vec![
            tensor("normal", Law::normal(0.0, 0.02), wide, 300_001),
            tensor("constant", Law::Constant(0.5), wide, 70_000),
            tensor("uniform", Law::uniform(-0.1, 0.1), (DType::BF16, Dtype::BF16), 200_003),
        ]
    }

    /// The tensors' bytes cut into chunks of random sizes, down to one element.
    fn chunks(tensors: &[Tensor], seed: u64) -> Vec<Chunk> {
        let sizes = random(seed, 4096, 60_000);
        let mut sizes = sizes.iter().enumerate().map(|(number, size)| 1 + (size >> (number % 16)) as u64);
        let mut chunks = Vec::new();
        for (tensor, Tensor { dtype, elements, .. }) in tensors.iter().enumerate() {
            let (mut done, width) = (0, crate::dtype::size(*dtype));
            while done < *elements {
                let count = sizes.next().unwrap().min(elements - done);
                let bytes = count * width;
                let piece = Piece { tensor, elements: done..done + count, offset: 0, bytes };
                chunks.push(Chunk { bytes, pieces: vec![piece] });
                done += count;
            }
        }
        chunks
    }

    /// The staging ring with chunks of every size, a sink that is now quick, now slow, and one that fails: bytes in order,
    /// no deadlock, and a device that goes on working.
    #[test]
    fn the_ring_survives_whatever_its_sink_does() {
        ends(|| {
            let tensors = tensors();
            let expected: Vec<u8> =
                tensors.iter().filter_map(Tensor::fill).flat_map(|fill| wginit::cpu::bytes(fill).unwrap()).collect();
            let adapter = pollster::block_on(wginit::gpu::adapters()).into_iter().next();
            let adapter =
                adapter.expect("an adapter: install mesa-vulkan-drivers and libvulkan1 (scripts/test does it)");
            let gpu = Gpu::new(&adapter, tensors.iter().filter_map(Tensor::fill)).unwrap();
            for seed in 0..6 {
                let chunks = chunks(&tensors, seed);
                let pace = random(!seed, chunks.len(), 2000);
                let failing = random(seed + 1000, 1, chunks.len())[0];
                for fails_at in [Some(failing), None] {
                    let (mut bytes, mut taken) = (Vec::new(), 0);
                    let result =
                        gpu.run_chunks(&tensors, chunks.iter().cloned(), &mut Host::new(&by_cpu), &mut |_, more| {
                            if fails_at == Some(taken) {
                                bail!("the disk is full");
                            }
                            std::thread::sleep(Duration::from_micros(pace[taken] as u64));
                            bytes.extend_from_slice(more);
                            taken += 1;
                            Ok(())
                        });
                    match fails_at {
                        Some(at) => {
                            assert_eq!(result.unwrap_err().to_string(), "the disk is full");
                            assert_eq!(taken, at);
                            assert!(expected.starts_with(&bytes), "seed {seed}: the first {at} chunks");
                        }
                        None => {
                            result.unwrap();
                            assert!(bytes == expected, "seed {seed}: {} chunks", chunks.len());
                        }
                    }
                }
            }
        });
    }
}
