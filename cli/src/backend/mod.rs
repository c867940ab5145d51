//! Backends: who computes the chunks. The choice changes no bit.

mod cpu;
mod gpu;

use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use wginit::Fill;
use wginit::gpu::{adapters, describe};

use crate::args::{BackendArguments, BackendChoice};
use crate::chunk::Chunk;
use crate::job::{Content, Tensor};
use crate::progress::note;

pub(crate) use gpu::open;

/// Takes a chunk's bytes once they are computed.
pub(crate) type Sink<'a> = &'a mut dyn FnMut(&Chunk, &[u8]) -> Result<()>;

/// Computes chunks.
pub(crate) trait Backend {
    /// `cpu` or `gpu`.
    fn kind(&self) -> &'static str;

    /// Which processor, in words.
    fn name(&self) -> String;

    /// Computes `chunks` of `tensors` and gives each to `sink`, in order.
    fn run(&mut self, tensors: &[Tensor], chunks: &mut dyn Iterator<Item = Chunk>, sink: Sink<'_>) -> Result<()>;
}

/// The backend that the command line asks for, after `fills` were checked on it.
pub(crate) fn choose<'a>(
    arguments: &BackendArguments,
    fills: impl Iterator<Item = &'a Fill> + Clone,
) -> Result<Box<dyn Backend>> {
    if arguments.backend == BackendChoice::Cpu {
        ensure!(arguments.adapter.is_none(), "--adapter goes with --backend gpu or auto, not with cpu");
        return Ok(Box::new(cpu::Cpu));
    }
    let chosen = select(arguments.adapter.as_deref()).and_then(|adapter| gpu::Gpu::new(&adapter, fills));
    match chosen {
        Ok(gpu) => Ok(Box::new(gpu)),
        // A named adapter is not replaced in silence.
        Err(error) if arguments.backend == BackendChoice::Gpu || arguments.adapter.is_some() => Err(error),
        Err(error) => {
            note(&format!("{error:#}; using the CPU, which gives the same bits"));
            Ok(Box::new(cpu::Cpu))
        }
    }
}

/// The adapter of that number, or the first with that name, or simply the first.
fn select(wanted: Option<&str>) -> Result<wginit::wgpu::Adapter> {
    let adapters = pollster::block_on(adapters());
    if adapters.is_empty() {
        bail!("no GPU adapter found (a Vulkan, Metal or DX12 driver is needed)");
    }
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

/// The fills of a chunk, each with its place in the chunk.
fn fills(tensors: &[Tensor], chunk: &Chunk) -> Result<Vec<(Fill, Range<usize>)>> {
    let mut fills = Vec::new();
    for piece in &chunk.pieces {
        if let Content::Fill(fill) = &tensors[piece.tensor].content {
            // A piece counts from the tensor in the file, which may be a range of the one that is sampled.
            let first = fill.elements().start;
            let fill = fill.range(first + piece.elements.start..first + piece.elements.end)?;
            fills.push((fill, piece.offset as usize..(piece.offset + piece.bytes) as usize));
        }
    }
    Ok(fills)
}

/// Writes a chunk's integers, which no backend computes.
fn write_integers(tensors: &[Tensor], chunk: &Chunk, bytes: &mut [u8]) {
    for piece in &chunk.pieces {
        if let Content::Integer(element) = &tensors[piece.tensor].content {
            let range = piece.offset as usize..(piece.offset + piece.bytes) as usize;
            bytes[range].chunks_exact_mut(element.len()).for_each(|out| out.copy_from_slice(element));
        }
    }
}
