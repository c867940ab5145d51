//! Fills of 2^20, 2^24 and 2^25 f32 elements, one group a law and size, in which stand side by side: the kernels on the
//! first adapter, the CPU reference on one and on all threads, what Rust programs do without weightinit (rand and
//! rand_distr, on one thread and with rayon), and how fast each can write memory at all. A closing table compares all
//! with rand on all threads.
//!
//! GPU times are timestamp queries around the commands where the device has them, and wall clock from submission to
//! completion otherwise. A software adapter's times are no GPU's. Contenders follow one another here, and other work
//! on the machine may meet one of them alone; `scripts/measure/compare` takes turns.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal, StandardNormal, Uniform};
use rayon::prelude::*;
use weightinit::gpu::{self, Filler, Timer};
use weightinit::law::Math;
use weightinit::{DType, Fill, Law, Request, cpu, wgpu};

const SIZES: [usize; 3] = [1 << 20, 1 << 24, 1 << 25];
/// Elements that one rayon task of rand fills, each with a generator of its own.
const CHUNK: usize = 1 << 16;
/// Criterion's pictures take time by resamples, of which its 100 000 are many for ten samples.
const RESAMPLES: usize = 5000;
/// What the table compares with.
const BASELINE: &str = "rand, all threads";

/// A law in its forms here, and as rand draws it.
struct Contest {
    law: &'static str,
    forms: Vec<(&'static str, Law)>,
    rand: fn(&mut SmallRng, &mut [f32]),
}

fn contests() -> Vec<Contest> {
    let truncated = Law::truncated_normal(0.0, 0.02, -0.04, 0.04).expect("a valid law");
    vec![
        Contest {
            law: "uniform",
            forms: vec![("weightinit", Law::uniform(-0.05, 0.05))],
            rand: |rng, out| sample(rng, out, Uniform::new(-0.05, 0.05).expect("valid bounds")),
        },
        Contest {
            law: "normal",
            forms: vec![
                ("weightinit", Law::normal(0.0, 0.02)),
                ("weightinit normal_quantile", Law::normal_quantile(0.0, 0.02).expect("a valid law")),
                ("weightinit normal_native", Law::Normal { mean: 0.0, std: 0.02, math: Math::Native }),
            ],
            rand: |rng, out| sample(rng, out, Normal::new(0.0, 0.02).expect("a valid deviation")),
        },
        Contest {
            law: "truncated normal",
            forms: vec![("weightinit", truncated)],
            rand: |rng, out| sample(rng, out, Truncated),
        },
    ]
}

fn sample(rng: &mut SmallRng, out: &mut [f32], law: impl Distribution<f32>) {
    out.iter_mut().for_each(|x| *x = rng.sample(&law));
}

/// By rejection, as rand_distr has none.
struct Truncated;

impl Distribution<f32> for Truncated {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f32 {
        loop {
            let z: f32 = StandardNormal.sample(rng);
            if z.abs() <= 2.0 {
                return z * 0.02;
            }
        }
    }
}

/// Seconds of each sample that was taken, by group and contender, in the order of running.
#[derive(Default)]
struct Times(RefCell<Vec<(String, String, Vec<f64>)>>);

/// One group, which remembers its times.
struct Group<'a> {
    name: String,
    criterion: BenchmarkGroup<'a, WallTime>,
    times: &'a Times,
}

impl Group<'_> {
    /// Times `run`, which tells how long so many runs take.
    fn bench(&mut self, contender: &str, mut run: impl FnMut(u64) -> Duration) {
        let (mut seconds, name) = (Vec::new(), &self.name);
        self.criterion.bench_function(contender, |bencher| {
            bencher.iter_custom(|count| {
                let elapsed = run(count);
                seconds.push(elapsed.as_secs_f64() / count as f64);
                elapsed
            });
        });
        // None that a filter leaves out.
        if !seconds.is_empty() {
            self.times.0.borrow_mut().push((name.clone(), contender.to_owned(), seconds));
        }
    }

    /// Times `run` by the wall clock.
    fn wall(&mut self, contender: &str, mut run: impl FnMut()) {
        self.bench(contender, |count| {
            let start = Instant::now();
            (0..count).for_each(|_| run());
            start.elapsed()
        });
    }
}

struct Adapter {
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    filler: Filler,
}

impl Adapter {
    fn first() -> Option<Self> {
        let adapters = pollster::block_on(gpu::adapters());
        let adapter = adapters.first()?;
        let (device, queue) = pollster::block_on(gpu::open(adapter)).expect("the adapter opens");
        let filler = Filler::new(&device).expect("compute shaders");
        Some(Self { name: gpu::describe(&adapter.get_info()), device, queue, filler })
    }

    fn timer(&self) -> Timer<'_> {
        Timer::new(&self.filler, &self.queue)
    }

    fn bench(&self, group: &mut Group<'_>, forms: &[(&str, Fill)], len: usize) {
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: len as u64 * 4,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let timer = self.timer();
        let mut bench = |name: &str, record: &dyn Fn(&mut wgpu::CommandEncoder) -> weightinit::Result<()>| {
            group.bench(&format!("{name}, adapter"), |count| {
                (0..count).map(|_| timer.time(record).expect("the device works")).sum()
            });
        };
        bench("write limit", &|encoder| {
            encoder.clear_buffer(&buffer, 0, None);
            Ok(())
        });
        for (name, fill) in forms {
            bench(name, &|encoder| self.filler.encode(encoder, fill, buffer.slice(..)));
        }
    }
}

fn on_cpu(group: &mut Group<'_>, forms: &[(&str, Fill)], rand: fn(&mut SmallRng, &mut [f32]), out: &mut [f32]) {
    group.wall("write limit, 1 thread", || black_box(&mut *out).fill(1.0));
    group.wall("write limit, all threads", || {
        black_box(&mut *out).par_chunks_mut(CHUNK).for_each(|chunk| chunk.fill(1.0));
    });
    for (name, fill) in forms.iter().filter(|(name, _)| !name.contains("native")) {
        let request = Request::from(fill.clone());
        group.wall(&format!("{name}, 1 thread"), || {
            cpu::write_serial(black_box(&request), bytemuck::cast_slice_mut(out)).expect("a valid destination");
        });
        group.wall(&format!("{name}, all threads"), || {
            cpu::write(black_box(&request), bytemuck::cast_slice_mut(out)).expect("a valid destination");
        });
    }
    let one = |(chunk, out): (usize, &mut [f32])| rand(&mut SmallRng::seed_from_u64(chunk as u64), out);
    group.wall("rand, 1 thread", || black_box(&mut *out).chunks_mut(CHUNK).enumerate().for_each(one));
    group.wall(BASELINE, || black_box(&mut *out).par_chunks_mut(CHUNK).enumerate().for_each(one));
}

/// What ran, with ratios to the baseline of its group.
fn print_table(times: &Times, adapter: Option<&Adapter>) {
    let least = |seconds: &[f64]| seconds.iter().copied().fold(f64::INFINITY, f64::min);
    let median = |seconds: &[f64]| {
        let mut sorted = seconds.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    let times = times.0.borrow();
    if times.is_empty() {
        return;
    }
    if let Some(adapter) = adapter {
        println!("adapter: {}, {}", adapter.name, adapter.timer().clock().name());
    }
    println!("{:64} {:>9} {:>9}  median over that of {BASELINE}", "", "least ms", "median ms");
    for (group, contender, seconds) in times.iter() {
        let baseline = times.iter().find(|(other, name, _)| other == group && name == BASELINE);
        let ratio = baseline.map_or("-".to_owned(), |(.., all)| format!("{:.3}", median(seconds) / median(all)));
        let name = format!("{group}: {contender}");
        println!("{name:64} {:9.3} {:9.3}  {ratio}", least(seconds) * 1e3, median(seconds) * 1e3);
    }
}

fn main() {
    let adapter = Adapter::first();
    if adapter.is_none() {
        eprintln!("no adapter: GPU benches are left out");
    }
    let mut criterion = Criterion::default().nresamples(RESAMPLES).configure_from_args();
    let times = Times::default();
    for len in SIZES {
        let mut out = vec![0f32; len];
        for Contest { law, forms, rand } in contests() {
            let fill = |law| Fill::new(0, law, DType::F32, len as u64).expect("a valid fill").with_seed(1);
            let forms: Vec<_> = forms.into_iter().map(|(name, law)| (name, fill(law).with_stream("bench"))).collect();
            let name = format!("{law}, {len} f32");
            let mut group = Group { criterion: criterion.benchmark_group(&name), name, times: &times };
            group.criterion.sample_size(10).warm_up_time(Duration::from_millis(100));
            group.criterion.measurement_time(Duration::from_millis(500));
            group.criterion.throughput(Throughput::ElementsAndBytes { elements: len as u64, bytes: len as u64 * 4 });
            if let Some(adapter) = &adapter {
                adapter.bench(&mut group, &forms, len);
            }
            on_cpu(&mut group, &forms, rand, &mut out);
            group.criterion.finish();
        }
    }
    criterion.final_summary();
    print_table(&times, adapter.as_ref());
}
