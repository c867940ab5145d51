//! A GPU: chunks are filled in a ring of buffers, so that computing, copying back and writing overlap.

use std::collections::VecDeque;

use anyhow::{Context, Result, ensure};
use weightinit::gpu::describe;
use weightinit::{Request, wgpu};

use super::{Backend, Host, Parts, Sink};
use crate::backend::chunk::{CHUNK, Chunk, Piece};
use crate::model::job::Tensor;
use crate::output::buffer::{Bytes, PAGE};

mod device;
#[cfg(test)]
mod losses;
#[cfg(test)]
mod ring;
mod slot;
mod tuning;

use device::{Device, InFlight};
use slot::Slots;
use tuning::Tuning;

pub(crate) struct Gpu {
    name: String,
    /// One, or several of a software adapter, to which chunks go in turn.
    devices: Vec<Device>,
    tuning: Tuning,
}

impl Gpu {
    /// Opens `adapter` and checks on it the kernels that `requests` use.
    pub(crate) fn new<'a>(
        adapter: &wgpu::Adapter,
        requests: impl Iterator<Item = &'a Request> + Clone,
        parts: Parts,
    ) -> Result<Self> {
        let bytes = requests.clone().map(Request::byte_count).fold(0, u64::saturating_add);
        let info = adapter.get_info();
        let name = describe(&info);
        let open = || Device::open(adapter).with_context(|| format!("cannot use {name}"));
        let device = open()?;
        let check = match parts {
            Parts::Whole if bytes <= CHUNK => device.filler.self_check_whole(&device.queue, requests),
            Parts::Whole | Parts::Any => device.filler.self_check_of(&device.queue, requests),
        };
        let check = device.failure.check().and(check).with_context(|| format!("cannot use {name}"))?;
        ensure!(
            check.passed(),
            "{name} computes other bits than the CPU reference ({check}); use another adapter or --backend cpu"
        );
        let tuning = Tuning::new(&info, device.device.features(), bytes);
        let others = (1..tuning.devices).map(|_| open()).collect::<Result<Vec<_>>>()?;
        Ok(Self { name, devices: [device].into_iter().chain(others).collect(), tuning })
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
        // For chunks of any size: what is not filled takes no memory of a software adapter.
        let size = (total.min(CHUNK) + PAGE as u64).next_multiple_of(PAGE as u64);
        // Where chunks are lent, one of each device is with the writer. No more than there are chunks, where that is
        // known.
        let count = self.tuning.in_flight() + usize::from(self.tuning.lends);
        let count = chunks.size_hint().1.map_or(count, |chunks| count.min(chunks));
        let of_device = |device: &Device| Slots::new(&device.device, size, count);
        let slots = self.devices.iter().map(of_device).collect::<Result<Vec<_>>>()?;
        for (chunk, turn) in chunks.zip((0..self.devices.len()).cycle()) {
            if in_flight.len() == self.tuning.in_flight() * self.devices.len()
                && let Some((turn, oldest)) = in_flight.pop_front()
            {
                let chunk = self.collect(tensors, &self.devices[turn], oldest, host, &mut bytes, &slots[turn])?;
                sink(&chunk, &mut bytes)?;
            }
            let slot = slots[turn].take()?;
            let submitted = self.devices[turn].submit(tensors, chunk, slot, self.tuning.lends);
            in_flight.push_back((turn, submitted.with_context(|| self.name.clone())?));
        }
        for (turn, last) in in_flight {
            let chunk = self.collect(tensors, &self.devices[turn], last, host, &mut bytes, &slots[turn])?;
            sink(&chunk, &mut bytes)?;
        }
        Ok(())
    }

    /// Waits for a chunk: its bytes, which are lent or copied.
    fn collect(
        &self,
        tensors: &[Tensor],
        device: &Device,
        in_flight: InFlight,
        host: &mut Host,
        bytes: &mut Bytes,
        slots: &Slots,
    ) -> Result<Chunk> {
        device.wait(&in_flight).with_context(|| self.name.clone())?;
        let InFlight { chunk, mut slot, range, .. } = in_flight;
        let view = slot.readable().get_mapped_range(range.clone())?;
        slot.phase = (view.as_ptr() as u64).wrapping_sub(range.start) % PAGE as u64;
        let len = chunk.bytes as usize;
        let lent = slots.lend(view, len, slot);
        let is_filled = |piece: &Piece| tensors[piece.tensor].is_filled();
        if self.tuning.lends && chunk.pieces.iter().all(is_filled) {
            bytes.lend(lent);
        } else {
            let buffer = bytes.own();
            buffer.reset(len, chunk.offset);
            buffer.copy_from_slice(lent.as_ref());
            drop(lent);
            // By the first device, whichever filled the rest: the same one for all of a tensor.
            host.write(tensors, &chunk, buffer, &|tensor| self.devices[0].orthogonal(tensor))?;
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

    fn chunk_size(&self) -> u64 {
        self.tuning.chunk_size()
    }

    fn run(&mut self, tensors: &[Tensor], chunks: &[Chunk], host: &mut Host, sink: Sink<'_>) -> Result<()> {
        self.run_chunks(tensors, chunks.iter().cloned(), host, sink)
    }
}
