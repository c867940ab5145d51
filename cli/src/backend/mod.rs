//! Backends: who computes the chunks. The choice changes no bit.

mod all;
pub(crate) mod chunk;
mod cpu;
mod failure;
mod fallback;
mod gpu;
mod host;

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use weightinit::gpu::{adapters, describe};
use weightinit::wgpu::Adapter;
use weightinit::{Fill, Request};

use crate::args::{BackendArguments, BackendChoice};
use crate::backend::chunk::{CHUNK, Chunk};
use crate::model::job::Tensor;
use crate::output::buffer::Bytes;
use crate::progress::note;

pub(crate) use gpu::open;
pub(crate) use host::Host;

/// What is said where there is no adapter at all.
const NONE: &str = "no GPU adapter found (a Vulkan, Metal or DX12 driver is needed)";

/// Takes a chunk's bytes once they are computed: it may keep them for a while, and leave others for the next chunk.
pub(crate) type Sink<'a> = &'a mut dyn FnMut(&Chunk, &mut Bytes) -> Result<()>;

/// Computes chunks.
pub(crate) trait Backend {
    /// `cpu` or `gpu`.
    fn kind(&self) -> &'static str;

    /// Which processor, in words.
    fn name(&self) -> String;

    /// Bytes of the chunks that suit it best.
    fn chunk_size(&self) -> u64 {
        CHUNK
    }

    /// Computes `chunks` of `tensors`, with the host's part by `host`, and gives each to `sink`, in order.
    fn run(&mut self, tensors: &[Tensor], chunks: &[Chunk], host: &mut Host, sink: Sink<'_>) -> Result<()>;
}

/// Refuses options that contradict each other.
pub(crate) fn check(arguments: &BackendArguments) -> Result<()> {
    let contradiction = arguments.backend == BackendChoice::Cpu && arguments.adapter.is_some();
    ensure!(!contradiction, "--adapter goes with --backend gpu or auto, not with cpu");
    Ok(())
}

/// The backend that the command line asks for, after `requests` were checked on it.
pub(crate) fn choose<'a>(
    arguments: &BackendArguments,
    requests: impl Iterator<Item = &'a Request> + Clone,
) -> Result<Box<dyn Backend>> {
    check(arguments)?;
    if arguments.backend == BackendChoice::Cpu {
        return Ok(Box::new(cpu::Cpu));
    }
    let chosen: Result<Box<dyn Backend>> = match arguments.adapter.as_deref() {
        Some("all") => every(requests, arguments.backend == BackendChoice::Gpu),
        wanted => select(wanted).and_then(|adapter| Ok(Box::new(gpu::Gpu::new(&adapter, requests)?) as _)),
    };
    // A named adapter is not replaced.
    if arguments.backend == BackendChoice::Gpu || arguments.adapter.is_some() {
        return chosen;
    }
    match chosen {
        Ok(backend) => Ok(Box::new(fallback::Fallback::new(backend))),
        Err(error) => {
            note(&format!("{error:#}; using the CPU, which gives the same bits"));
            Ok(Box::new(cpu::Cpu))
        }
    }
}

/// All adapters together. Those that fail are left out with a notice, or, where `strict`, are an error.
fn every<'a>(requests: impl Iterator<Item = &'a Request> + Clone, strict: bool) -> Result<Box<dyn Backend>> {
    let mut gpus = Vec::new();
    for adapter in distinct()? {
        match gpu::Gpu::new(&adapter, requests.clone()) {
            Ok(gpu) => gpus.push(gpu),
            Err(error) if strict => return Err(error),
            Err(error) => note(&format!("{error:#}; left out")),
        }
    }
    ensure!(!gpus.is_empty(), "no adapter can be used; see weightinit devices");
    Ok(Box::new(all::All { gpus }))
}

/// The adapters, each piece of hardware once.
pub(crate) fn distinct() -> Result<Vec<Adapter>> {
    let mut distinct: Vec<Adapter> = Vec::new();
    for adapter in pollster::block_on(adapters()) {
        let info = adapter.get_info();
        // Where two drivers' interfaces show the same card, the first serves.
        let known = distinct.iter().map(Adapter::get_info).any(|known| {
            (known.vendor, known.device, &known.name) == (info.vendor, info.device, &info.name)
                && known.backend != info.backend
        });
        if !known {
            distinct.push(adapter);
        }
    }
    ensure!(!distinct.is_empty(), NONE);
    Ok(distinct)
}

/// The adapter of that number, or the first with that name, or simply the first.
pub(crate) fn select(wanted: Option<&str>) -> Result<Adapter> {
    let adapters = pollster::block_on(adapters());
    ensure!(!adapters.is_empty(), NONE);
    let Some(wanted) = wanted else { return adapters.into_iter().next().context("an adapter") };
    let names: Vec<_> = adapters.iter().map(|adapter| describe(&adapter.get_info())).collect();
    let position = match wanted.parse() {
        Ok(number) => (number < adapters.len()).then_some(number),
        Err(_) => names.iter().position(|name| name.to_lowercase().contains(&wanted.to_lowercase())),
    };
    let position = position.with_context(|| {
        let list: Vec<_> = names.iter().enumerate().map(|(number, name)| format!("{number}: {name}")).collect();
        format!("no adapter matches '{wanted}'; there are: {}", list.join("; "))
    })?;
    adapters.into_iter().nth(position).context("an adapter")
}

/// The fills of a chunk, each with its range of the chunk.
fn fills(tensors: &[Tensor], chunk: &Chunk) -> Result<Vec<(Fill, Range<usize>)>> {
    let mut fills = Vec::new();
    for piece in &chunk.pieces {
        if let Some(fill) = tensors[piece.tensor].fill() {
            // A piece counts from the tensor in the file, which may be a range of the one that is sampled.
            let first = fill.elements().start;
            let fill = fill.range(first + piece.elements.start..first + piece.elements.end)?;
            fills.push((fill, piece.offset as usize..(piece.offset + piece.bytes) as usize));
        }
    }
    Ok(fills)
}
