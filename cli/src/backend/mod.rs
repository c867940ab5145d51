//! Backends: who computes the chunks. The choice changes no bit.

pub(crate) mod adapters;
mod all;
pub(crate) mod chunk;
mod circumstances;
mod cpu;
pub(crate) mod failure;
mod fallback;
mod gpu;
mod host;
mod known;
pub(crate) mod probe;

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use weightinit::Request;
use weightinit::gpu::describe;
use weightinit::wgpu::{self, Adapter};

use crate::args::{BackendArguments, BackendChoice};
use crate::backend::chunk::{CHUNK, Chunk};
use crate::limits;
use crate::model::job::Tensor;
use crate::output::buffer::Bytes;
use crate::progress::note;
use known::Known;
use probe::Wanted;

pub(crate) use host::Host;

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

/// In which parts requests are computed, which decides the kernels that they use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    /// As chunks of a file cut them.
    Any,
    /// There is one request, and nothing before it: it is a chunk by itself where it is no larger than one.
    Whole,
}

/// What a backend is chosen for.
#[derive(Clone, Copy)]
struct Purpose<'a> {
    arguments: &'a BackendArguments,
    requests: &'a [&'a Request],
    parts: Parts,
    /// Whether nothing else than an adapter will do.
    is_certain: bool,
}

/// The backend that the command line asks for, after `requests` were checked on it.
pub(crate) fn choose(arguments: &BackendArguments, requests: &[&Request], parts: Parts) -> Result<Box<dyn Backend>> {
    check(arguments)?;
    let bytes = requests.iter().map(|request| request.byte_count()).fold(0, u64::saturating_add);
    if arguments.backend == BackendChoice::Cpu {
        return Ok(Box::new(cpu::Cpu::new(bytes)?));
    }
    let is_certain = arguments.backend == BackendChoice::Gpu;
    let purpose = Purpose { arguments, requests, parts, is_certain };
    let on_gpu = || on_known_gpu(purpose).map_or_else(|| on_gpu(purpose, None), Ok);
    let chosen = check_driver_room(bytes).and_then(|()| on_gpu());
    // A named adapter is not replaced.
    if is_certain || arguments.adapter.is_some() {
        return chosen;
    }
    match chosen {
        Ok(backend) => Ok(Box::new(fallback::Fallback::new(backend))),
        Err(error) => {
            note(&format!("{error:#}; using the CPU, which gives the same bits"));
            Ok(Box::new(cpu::Cpu::new(bytes)?))
        }
    }
}

/// Bytes of memory that drivers take before anything is computed.
const DRIVER: u64 = 1 << 30;

/// Refuses to open an adapter where its driver would find no memory: few drivers look whether they get what they ask
/// for.
fn check_driver_room(bytes: u64) -> Result<()> {
    limits::check_room("a GPU's driver and chunks", DRIVER + 8 * bytes.min(CHUNK))
}

/// What [`on_gpu`] gives, without a process that tries the adapters first, where they are known to work. Whatever goes
/// wrong is left to that process.
fn on_known_gpu(purpose: Purpose<'_>) -> Option<Box<dyn Backend>> {
    let known = Known::take()?;
    let backend = on_gpu(purpose, Some(&known)).ok()?;
    known.keep();
    Some(backend)
}

fn on_gpu(purpose: Purpose<'_>, known: Option<&Known>) -> Result<Box<dyn Backend>> {
    let wanted = purpose.arguments.adapter.as_deref();
    if wanted == Some("all") {
        return every(purpose, known);
    }
    let adapter = match (wanted, purpose.arguments.local_rank) {
        (None, Some(local_rank)) => in_turn(local_rank, known)?,
        _ => select_as(wanted, known)?,
    };
    let info = adapter.get_info();
    let is_slow = (info.backend, info.device_type) == (wgpu::Backend::Gl, wgpu::DeviceType::Cpu);
    ensure!(
        purpose.is_certain || wanted.is_some() || !is_slow,
        "the only adapter is OpenGL in software ({}), which is slower than the CPU reference",
        info.name
    );
    Ok(Box::new(gpu::Gpu::new(&adapter, purpose.requests.iter().copied(), purpose.parts)?))
}

/// All adapters together. Those that fail are left out with a notice, or are an error where nothing else will do.
fn every(purpose: Purpose<'_>, known: Option<&Known>) -> Result<Box<dyn Backend>> {
    let mut gpus = Vec::new();
    for adapter in distinct_as(known)? {
        match gpu::Gpu::new(&adapter, purpose.requests.iter().copied(), purpose.parts) {
            Ok(gpu) => gpus.push(gpu),
            Err(error) if purpose.is_certain || known.is_some() => return Err(error),
            Err(error) => note(&format!("{error:#}; left out")),
        }
    }
    ensure!(!gpus.is_empty(), "no adapter can be used; see weightinit devices");
    Ok(Box::new(all::All { gpus }))
}

/// The adapters that can be used, each piece of hardware once.
pub(crate) fn distinct() -> Result<Vec<Adapter>> {
    distinct_as(None)
}

fn distinct_as(known: Option<&Known>) -> Result<Vec<Adapter>> {
    let mut distinct: Vec<Adapter> = Vec::new();
    let (usable, adapters) = usable(Wanted::All, known)?;
    for (_, adapter) in adapters.into_iter().enumerate().filter(|(number, _)| usable.contains(number)) {
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
    Ok(distinct)
}

/// The adapter of a process that shares the machine with others: one after the other of the best kind that there is.
fn in_turn(local_rank: u64, known: Option<&Known>) -> Result<Adapter> {
    let mut adapters = distinct_as(known)?;
    let best = adapters.first().map(|adapter| adapter.get_info().device_type);
    adapters.retain(|adapter| Some(adapter.get_info().device_type) == best);
    let turn = local_rank.checked_rem(adapters.len() as u64).context(adapters::NONE)?;
    Ok(adapters.swap_remove(turn as usize))
}

/// The adapter of that number, or the first with that name, or simply the first that can be used.
pub(crate) fn select(wanted: Option<&str>) -> Result<Adapter> {
    select_as(wanted, None)
}

fn select_as(wanted: Option<&str>, known: Option<&Known>) -> Result<Adapter> {
    let (usable, adapters) = match wanted {
        None => usable(Wanted::First, known)?,
        Some(wanted) => {
            if known.is_none() {
                probe::tried(Wanted::Listed)?;
            }
            let adapters = adapters::list();
            let number = Wanted::Number(number(wanted, &adapters)?);
            let usable = match known {
                None => probe::usable(number)?,
                Some(known) => probe::usable_as_known(number, &adapters, known)?,
            };
            (usable, adapters)
        }
    };
    usable.first().and_then(|number| adapters.into_iter().nth(*number)).context("an adapter")
}

/// The numbers of those that can be used, and all adapters, which are listed where that is known to be harmless.
fn usable(wanted: Wanted, known: Option<&Known>) -> Result<(Vec<usize>, Vec<Adapter>)> {
    match known {
        None => {
            let usable = probe::usable(wanted)?;
            Ok((usable, adapters::list()))
        }
        Some(known) => {
            let adapters = adapters::list();
            Ok((probe::usable_as_known(wanted, &adapters, known)?, adapters))
        }
    }
}

/// The number of the adapter that is meant.
fn number(wanted: &str, adapters: &[Adapter]) -> Result<usize> {
    let names: Vec<_> = adapters.iter().map(|adapter| describe(&adapter.get_info())).collect();
    ensure!(!names.is_empty(), adapters::NONE);
    let position = match wanted.parse() {
        Ok(number) => (number < names.len()).then_some(number),
        Err(_) => names.iter().position(|name| name.to_lowercase().contains(&wanted.to_lowercase())),
    };
    position.with_context(|| {
        let list: Vec<_> = names.iter().enumerate().map(|(number, name)| format!("{number}: {name}")).collect();
        format!("no adapter matches '{wanted}'; there are: {}", list.join("; "))
    })
}

/// The fills of a chunk and their slices, each with its range of the chunk.
fn fills(tensors: &[Tensor], chunk: &Chunk) -> Result<Vec<(Request, Range<usize>)>> {
    let mut fills = Vec::new();
    for piece in &chunk.pieces {
        let tensor = &tensors[piece.tensor];
        if let Some(request) = tensor.request().filter(|_| tensor.is_filled()) {
            // A piece counts from the tensor in the file, which may be a range of the one that is sampled.
            let first = request.elements().start;
            let part = request.range(first + piece.elements.start..first + piece.elements.end)?;
            fills.push((part, piece.offset as usize..(piece.offset + piece.bytes) as usize));
        }
    }
    Ok(fills)
}
