//! What recording costs the host: time for each of 10 000 small tensors, and memory allocations for each.
//!
//! The adapter does not matter much here, since nothing is computed while the clock runs (but for `a submit each`,
//! which is what recording avoids). Allocations are those of the whole program, wgpu's included; `by hand` makes the
//! same wgpu calls without weightinit, so that the difference is weightinit's own.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::cell::Cell;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use weightinit::gpu::{self, Filler};
use weightinit::plan::ENTRY_POINT;
use weightinit::plan::{Params, Plan};
use weightinit::{DType, Fill, Law, wgpu};

const TENSORS: usize = 10_000;
/// Bytes between tensors: at least the alignment of bindings.
const STRIDE: u64 = 256;

struct Bench {
    device: wgpu::Device,
    queue: wgpu::Queue,
    filler: Filler,
    buffer: wgpu::Buffer,
    fills: Vec<Fill>,
    by_hand: wgpu::ComputePipeline,
}

impl Bench {
    fn new(adapter: &wgpu::Adapter) -> Self {
        let (device, queue) = pollster::block_on(gpu::open(adapter)).expect("the adapter opens");
        let filler = Filler::new(&device).expect("compute shaders");
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: STRIDE * TENSORS as u64,
            usage: wgpu::BufferUsages::STORAGE,
            mapped_at_creation: false,
        });
        let whole = Fill::new(0, Law::normal(0.0, 0.02), DType::F32, 64).expect("a valid fill");
        let fills: Vec<_> = (0..TENSORS as u64).map(|stream| whole.clone().with_stream(stream)).collect();
        let kernel = Plan::new(&whole, 0, filler.capabilities()).expect("a valid plan").kernel();
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(kernel.source().into()),
        });
        let by_hand = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some(ENTRY_POINT),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        filler.warm_up(&fills[..1]).expect("a valid fill");
        Self { device, queue, filler, buffer, fills, by_hand }
    }

    fn targets(&self, count: usize) -> Vec<(&Fill, wgpu::BufferSlice<'_>)> {
        let place = |index| self.buffer.slice(index * STRIDE..(index + 1) * STRIDE);
        (0..).zip(&self.fills[..count]).map(|(index, fill)| (fill, place(index))).collect()
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    /// The wgpu calls of `count` fills, as anyone would write them; with immediates only.
    fn record_by_hand(&self, pass: &mut wgpu::ComputePass<'_>, count: u64) {
        let layout = self.by_hand.get_bind_group_layout(0);
        pass.set_pipeline(&self.by_hand);
        for index in 0..count {
            let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &self.buffer,
                offset: index * STRIDE,
                size: std::num::NonZeroU64::new(STRIDE),
            });
            let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("weightinit"),
                layout: &layout,
                entries: &[wgpu::BindGroupEntry { binding: 1, resource }],
            });
            pass.set_bind_group(0, &bind_group, &[]);
            pass.set_immediates(0, &[0; size_of::<Params>()]);
            pass.dispatch_workgroups(1, 1, 1);
        }
    }
}

/// Whether any of these ran, and was not left out by a filter.
fn time(criterion: &mut Criterion, bench: &Bench) -> bool {
    let ran = Cell::new(false);
    let mut group = criterion.benchmark_group("host cost of recorded fills");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    group.throughput(Throughput::Elements(TENSORS as u64));
    let targets = bench.targets(TENSORS);
    let recording = bench.filler.prepare(&targets).expect("valid targets");
    group.bench_function("encode_all", |bencher| {
        ran.set(true);
        bencher.iter(|| bench.filler.encode_all(&mut bench.encoder(), &targets).expect("valid targets"));
    });
    group.bench_function("a prepared recording", |bencher| {
        ran.set(true);
        bencher.iter(|| recording.record(&mut bench.encoder().begin_compute_pass(&Default::default())));
    });
    group.bench_function("encode each", |bencher| {
        ran.set(true);
        bencher.iter(|| {
            let mut encoder = bench.encoder();
            for (fill, target) in &targets {
                bench.filler.encode(&mut encoder, fill, *target).expect("a valid target");
            }
        });
    });
    group.throughput(Throughput::Elements(1000));
    group.bench_function("a submit each (1000 of them)", |bencher| {
        ran.set(true);
        bencher.iter(|| {
            for (fill, target) in &targets[..1000] {
                bench.filler.submit(&bench.queue, fill, *target).expect("a valid target");
            }
            bench.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device works");
        });
    });
    group.finish();
    ran.get()
}

/// Allocations of one more fill: those of 9000 fills less those of 1000, since every pass has some of its own.
fn allocations(record: impl Fn(usize)) -> f64 {
    let count = |fills| allocation_counter::measure(|| record(fills)).count_total as f64;
    record(9000);
    (count(9000) - count(1000)) / 8000.0
}

fn print_allocations(bench: &Bench) {
    let pass = |record: &dyn Fn(&mut wgpu::ComputePass<'_>)| {
        record(&mut bench.encoder().begin_compute_pass(&wgpu::ComputePassDescriptor::default()));
    };
    let targets = bench.targets(TENSORS);
    let prepared: Vec<_> = [1000, 9000].map(|n| (n, bench.filler.prepare(&targets[..n]).expect("valid"))).into();
    let again = allocations(|count| {
        let (_, recording) = prepared.iter().find(|(n, _)| *n == count).expect("1000 or 9000");
        pass(&|pass| recording.record(pass));
    });
    let encoded = allocations(|count| bench.filler.encode_all(&mut bench.encoder(), &targets[..count]).expect("valid"));
    println!("allocations for each recorded fill, wgpu's included, after warm-up:");
    println!("  a prepared recording  {again:.3}");
    println!("  encode_all            {encoded:.3}");
    if bench.filler.capabilities().immediates {
        let by_hand = allocations(|count| pass(&|pass| bench.record_by_hand(pass, count as u64)));
        println!("  by hand, without us   {by_hand:.3}");
        println!("  weightinit's own          {:.3}", encoded - by_hand);
        assert!(encoded - by_hand < 0.01, "weightinit allocates for each fill");
    }
    assert!(again < 0.01, "a prepared recording allocates for each fill");
}

/// How long pipelines take, each from its WGSL on, of a filler that has none: on first use, one by one, and by
/// `warm_up`, several at a time. What the driver puts off until the first dispatch, or has in a cache of its own, is
/// not in it.
fn print_pipelines(bench: &Bench) {
    let fill = |law, dtype| Fill::new(0, law, dtype, 16).expect("a valid fill");
    let truncated = Law::truncated_normal(0.0, 1.0, -2.0, 2.0).expect("a valid law");
    let laws = [Law::uniform(-1.0, 1.0), Law::normal(0.0, 1.0), truncated, Law::Constant(1.0)];
    let fills: Vec<_> = [DType::F32, DType::BF16].iter().flat_map(|&d| laws.clone().map(|law| fill(law, d))).collect();
    let places = (0..).map(|index| bench.buffer.slice(index * STRIDE..(index + 1) * STRIDE));
    let targets: Vec<_> = fills.iter().zip(places).collect();
    let timed = |count: u32, compile: &dyn Fn(&Filler, &mut wgpu::CommandEncoder)| {
        let filler = Filler::new(&bench.device).expect("compute shaders");
        let mut encoder = bench.encoder();
        let start = Instant::now();
        compile(&filler, &mut encoder);
        start.elapsed().as_secs_f64() * 1e3 / f64::from(count)
    };
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (mut one_by_one, mut together) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        one_by_one.push(timed(8, &|filler, encoder| {
            targets.iter().for_each(|(fill, target)| filler.encode(encoder, fill, *target).expect("a valid target"));
        }));
        // Of each law those for whole units, for others and for shifted ones; of constants no shifted ones.
        together.push(timed(22, &|filler, _| filler.warm_up(&fills).expect("valid fills")));
    }
    println!("milliseconds a pipeline, median of 9:");
    println!("  on first use, one by one        {:.2}", median(one_by_one));
    println!("  by warm_up, several at a time   {:.2}", median(together));
}

fn main() {
    let adapters = pollster::block_on(gpu::adapters());
    let Some(adapter) = adapters.first() else {
        eprintln!("no adapter: install a Vulkan driver");
        std::process::exit(1);
    };
    let bench = Bench::new(adapter);
    // As in fill.rs.
    let mut criterion = Criterion::default().nresamples(5000).configure_from_args();
    let ran = time(&mut criterion, &bench);
    criterion.final_summary();
    if ran {
        println!("on {}", gpu::describe(&adapter.get_info()));
        print_allocations(&bench);
        print_pipelines(&bench);
    }
}
