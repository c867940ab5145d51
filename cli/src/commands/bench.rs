//! `weightinit bench`: every kernel on every backend, interleaved, beside what the backend needs for just writing the
//! memory.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use weightinit::gpu::{Filler, Timer, describe};
use weightinit::law::Math;
use weightinit::{DType, Fill, Law, cpu, wgpu};

use super::{print, print_json, table};
use crate::args::{BackendChoice, BenchArguments};
use crate::backend::failure::Failure;
use crate::backend::{self, adapters::open};
use crate::limits;
use crate::progress::{note, rate};

/// What the backend writes without computing anything.
const LIMIT: &str = "write limit";

/// One kernel on one backend.
struct Contender<'a> {
    processor: &'a str,
    clock: &'static str,
    kernel: &'static str,
    bytes: u64,
    run: Box<dyn FnMut() -> Result<Duration> + 'a>,
    times: Vec<Duration>,
}

/// A device and the memory that is filled on it.
struct Gpu {
    name: String,
    queue: wgpu::Queue,
    filler: Filler,
    buffer: wgpu::Buffer,
    failure: Failure,
}

pub(crate) fn run(arguments: &BenchArguments) -> Result<ExitCode> {
    let fills = fills(arguments)?;
    let bytes = fills.iter().map(|(_, fill)| fill.byte_count()).max().unwrap_or(0);
    let choice = arguments.backend.backend;
    backend::check(&arguments.backend)?;
    let gpus = if choice == BackendChoice::Cpu { Vec::new() } else { open_all(arguments, bytes)? };
    let threads = rayon::current_num_threads();
    let cpu = format!("CPU reference on {threads} threads");
    let mut memory = if choice == BackendChoice::Gpu {
        Vec::new()
    } else {
        limits::check_room("the elements", bytes)?;
        vec![0; usize::try_from(bytes)?]
    };
    let memory = std::cell::RefCell::new(&mut memory[..]);

    let timers: Vec<_> = gpus.iter().map(|gpu| Timer::new(&gpu.filler, &gpu.queue)).collect();
    let mut contenders: Vec<_> =
        gpus.iter().zip(&timers).flat_map(|(gpu, timer)| on_gpu(gpu, timer, &fills, bytes)).collect();
    if choice != BackendChoice::Gpu {
        contenders.extend(on_cpu(&cpu, threads, &memory, &fills, bytes));
    }
    // The first round only warms up: it compiles pipelines and touches the memory.
    for round in 0..=arguments.rounds {
        for contender in &mut contenders {
            let time = (contender.run)().with_context(|| format!("{} on {}", contender.kernel, contender.processor))?;
            if round > 0 {
                contender.times.push(time);
            }
        }
    }
    for contender in &mut contenders {
        contender.times.sort_unstable();
    }
    report(arguments, &contenders)?;
    Ok(ExitCode::SUCCESS)
}

fn fills(arguments: &BenchArguments) -> Result<Vec<(&'static str, Fill)>> {
    let laws = [
        ("constant", Law::Constant(1.0)),
        ("uniform", Law::uniform(-0.05, 0.05)),
        ("normal", Law::normal(0.0, 0.02)),
        ("normal_quantile", Law::normal_quantile(0.0, 0.02)?),
        ("normal_native", Law::Normal { mean: 0.0, std: 0.02, math: Math::Native }),
        ("truncated_normal", Law::truncated_normal(0.0, 0.02, -0.04, 0.04)?),
    ];
    let fill = |law, dtype| Fill::new(0, law, dtype, arguments.size).map(|fill| fill.with_seed(1).with_stream("bench"));
    let mut fills = vec![("bits", fill(Law::Bits, DType::U32)?)];
    for (name, law) in laws {
        fills.push((name, fill(law, arguments.dtype)?));
    }
    Ok(fills)
}

/// The adapters that were asked for, each with room for `bytes`.
fn open_all(arguments: &BenchArguments, bytes: u64) -> Result<Vec<Gpu>> {
    let adapters = match arguments.backend.adapter.as_deref() {
        None | Some("all") => backend::distinct(),
        wanted => backend::select(wanted).map(|adapter| vec![adapter]),
    };
    let adapters = match adapters {
        Err(error) if arguments.backend.backend == BackendChoice::Auto && arguments.backend.adapter.is_none() => {
            note(&format!("{error:#}; the CPU alone"));
            return Ok(Vec::new());
        }
        adapters => adapters?,
    };
    let open = |adapter: &wgpu::Adapter| {
        let name = describe(&adapter.get_info());
        let (device, queue, filler) = open(adapter).with_context(|| format!("cannot use {name}"))?;
        let failure = Failure::watch(&device);
        let limit = device.limits().max_buffer_size;
        let size = bytes.next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        ensure!(
            size <= limit,
            "{} elements are {size} bytes, and a buffer of {name} has at most {limit}; give a smaller --size",
            arguments.size
        );
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let descriptor = wgpu::BufferDescriptor { label: Some("bench"), size, usage, mapped_at_creation: false };
        let buffer = device.create_buffer(&descriptor);
        failure.check().with_context(|| format!("no buffer of {size} bytes on {name}; give a smaller --size"))?;
        Ok(Gpu { name, queue, filler, buffer, failure })
    };
    adapters.iter().map(open).collect()
}

fn on_gpu<'a>(gpu: &'a Gpu, timer: &'a Timer<'a>, fills: &'a [(&'static str, Fill)], bytes: u64) -> Vec<Contender<'a>> {
    let contender = |kernel, bytes, run| {
        let (processor, clock) = (gpu.name.as_str(), timer.clock().name());
        Contender { processor, clock, kernel, bytes, run, times: Vec::new() }
    };
    let limit = contender(
        LIMIT,
        bytes,
        Box::new(move || {
            Ok(timer.time(|encoder| {
                encoder.clear_buffer(&gpu.buffer, 0, None);
                Ok(())
            })?)
        }) as Box<_>,
    );
    let fill = |(name, fill): &'a (&'static str, Fill)| {
        let run = move || {
            let time = timer.time(|encoder| gpu.filler.encode(encoder, fill, gpu.buffer.slice(..)))?;
            gpu.failure.check()?;
            Ok(time)
        };
        contender(name, fill.byte_count(), Box::new(run))
    };
    std::iter::once(limit).chain(fills.iter().map(fill)).collect()
}

fn on_cpu<'a>(
    processor: &'a str,
    threads: usize,
    memory: &'a std::cell::RefCell<&'a mut [u8]>,
    fills: &'a [(&'static str, Fill)],
    bytes: u64,
) -> Vec<Contender<'a>> {
    let timed = move |work: &dyn Fn(&mut [u8]) -> weightinit::Result<()>| {
        let start = Instant::now();
        work(&mut memory.borrow_mut())?;
        Ok(start.elapsed())
    };
    let contender =
        |kernel, bytes, run| Contender { processor, clock: "wall clock", kernel, bytes, run, times: Vec::new() };
    let write = move |memory: &mut [u8]| {
        let parts = memory.chunks_mut(memory.len().div_ceil(threads).max(1));
        rayon::scope(|scope| parts.for_each(|part| scope.spawn(|_| part.fill(0x55))));
        Ok(())
    };
    let limit = contender(LIMIT, bytes, Box::new(move || timed(&write)) as Box<_>);
    let fill = |(name, fill): &'a (&'static str, Fill)| {
        contender(name, fill.byte_count(), Box::new(move || timed(&|memory| cpu::write(fill, memory))))
    };
    std::iter::once(limit).chain(fills.iter().map(fill)).collect()
}

impl Contender<'_> {
    fn minimum(&self) -> f64 {
        self.times.first().map_or(0.0, Duration::as_secs_f64)
    }

    fn median(&self) -> f64 {
        let middle = |index: usize| self.times[index].as_secs_f64();
        f64::midpoint(middle((self.times.len() - 1) / 2), middle(self.times.len() / 2))
    }

    /// Bytes a second over those of the write limit, by medians.
    fn share(&self, all: &[Contender<'_>]) -> f64 {
        let limit = all.iter().find(|other| other.kernel == LIMIT && other.processor == self.processor);
        let speed = |contender: &Contender<'_>| contender.bytes as f64 / contender.median().max(1e-9);
        limit.map_or(f64::NAN, |limit| speed(self) / speed(limit))
    }
}

fn report(arguments: &BenchArguments, contenders: &[Contender<'_>]) -> Result<()> {
    let elements = arguments.size;
    if arguments.json {
        let row = |contender: &Contender<'_>| {
            let (minimum, median) = (contender.minimum(), contender.median());
            json!({
                "processor": contender.processor,
                "clock": contender.clock,
                "kernel": contender.kernel,
                "bytes": contender.bytes,
                "seconds": { "minimum": minimum, "median": median },
                "elements_per_second": {
                    "maximum": elements as f64 / minimum.max(1e-9),
                    "median": elements as f64 / median.max(1e-9),
                },
                "share_of_write_limit": contender.share(contenders),
            })
        };
        let results: Vec<_> = contenders.iter().map(row).collect();
        let (dtype, rounds) = (arguments.dtype.name(), arguments.rounds);
        return print_json(&json!({ "elements": elements, "dtype": dtype, "rounds": rounds, "results": results }));
    }
    print(&format!("{elements} elements of {}, {} rounds, interleaved\n", arguments.dtype, arguments.rounds))?;
    for group in contenders.chunk_by(|a, b| a.processor == b.processor) {
        print(&format!("{}, {}\n", group[0].processor, group[0].clock))?;
        let titles = ["  kernel", "median", "best", "of write limit"].map(str::to_owned);
        let row = |contender: &Contender<'_>| {
            let kernel = format!("  {}", contender.kernel);
            let rates = [contender.median(), contender.minimum()].map(|seconds| rate(elements, seconds));
            let [median, best] = rates;
            [kernel, median, best, format!("{:.0} %", 100.0 * contender.share(contenders))]
        };
        print(&table(std::iter::once(titles).chain(group.iter().map(row))))?;
    }
    Ok(())
}
