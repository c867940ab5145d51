//! Fills of 2^20, 2^24 and 2^25 f32 elements: every kernel on the first adapter, and the CPU reference on one and on
//! all threads. `clear` and `constant` are the adapter's own limits for writing memory.
//!
//! GPU times are timestamp queries around the commands where the device has them, and wall clock from submission to
//! completion otherwise; the group's name says which, and on which adapter. A software adapter's times are no GPU's.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use weightinit::gpu::{self, Filler, Timer};
use weightinit::law::Math;
use weightinit::request::Slice;
use weightinit::{DType, Fill, Law, Request, cpu, wgpu};

const SIZES: [u64; 3] = [1 << 20, 1 << 24, 1 << 25];

fn laws() -> Vec<(&'static str, Law)> {
    vec![
        ("constant", Law::Constant(1.0)),
        ("uniform", Law::uniform(-0.05, 0.05)),
        ("normal portable", Law::normal(0.0, 0.02)),
        ("normal native", Law::Normal { mean: 0.0, std: 0.02, math: Math::Native }),
        ("truncated normal", Law::truncated_normal(0.0, 0.02, -0.04, 0.04).expect("a valid law")),
    ]
}

/// Columns of a matrix, and the first and how many of them a slice has: whole batches, whole blocks, and rows of few
/// elements that begin anywhere.
const SLICES: [[u64; 3]; 6] =
    [[4096, 1024, 1024], [4096, 8, 8], [4095, 64, 100], [4095, 1, 5], [4096, 1, 3], [4096, 0, 1]];

/// About `len` elements of a matrix, in rows of a few.
fn slice(law: Law, len: u64, [columns, first, width]: [u64; 3]) -> Request {
    let shape = [len / width, columns];
    let slice = Slice::new(&shape, &[0, first], &[shape[0], width]).expect("a valid slice");
    Request::from(fill(law, shape[0] * columns)).slice(&slice).expect("a slice of this tensor")
}

fn fill(law: Law, len: u64) -> Fill {
    Fill::new(0, law, DType::F32, len).expect("a valid fill").with_seed(1).with_stream("bench")
}

fn throughput(len: u64) -> Throughput {
    Throughput::ElementsAndBytes { elements: len, bytes: len * 4 }
}

fn on_gpu(criterion: &mut Criterion) {
    let adapters = pollster::block_on(gpu::adapters());
    let Some(adapter) = adapters.first() else {
        eprintln!("no adapter: GPU benches are left out");
        return;
    };
    let (device, queue) = pollster::block_on(gpu::open(adapter)).expect("the adapter opens");
    let filler = Filler::new(&device).expect("compute shaders");
    let timer = Timer::new(&filler, &queue);
    let name = format!("gpu: {}, {}", adapter.get_info().name, timer.clock().name());

    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    for len in SIZES {
        group.throughput(throughput(len));
        let descriptor = wgpu::BufferDescriptor {
            label: None,
            size: len * 4,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        };
        let buffer = device.create_buffer(&descriptor);
        let mut bench = |name: &str, record: &dyn Fn(&mut wgpu::CommandEncoder) -> weightinit::Result<()>| {
            group.bench_function(BenchmarkId::new(name, len), |bencher| {
                bencher.iter_custom(|n| (0..n).map(|_| timer.time(record).expect("the device works")).sum());
            });
        };
        bench("clear", &|encoder| {
            encoder.clear_buffer(&buffer, 0, None);
            Ok(())
        });
        for (name, law) in laws() {
            let fill = fill(law, len);
            bench(name, &|encoder| filler.encode(encoder, &fill, buffer.slice(..)));
        }
        for part in SLICES {
            let slice = slice(Law::normal(0.0, 0.02), len, part);
            let [columns, first, width] = part;
            let name = format!("normal portable, columns {first}..{} of {columns}", first + width);
            bench(&name, &|encoder| filler.encode(encoder, &slice, buffer.slice(..)));
        }
    }
    group.finish();
}

fn on_cpu(criterion: &mut Criterion) {
    type Write = fn(&Request, &mut [u8]) -> weightinit::Result<()>;
    let ways: [(&str, Write); 2] = [
        ("1 thread", |request, out| cpu::write_serial(request, out)),
        ("all threads", |request, out| cpu::write(request, out)),
    ];
    for (threads, run) in ways {
        let mut group = criterion.benchmark_group(format!("cpu reference: {threads}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
        for len in SIZES {
            group.throughput(throughput(len));
            let mut out = vec![0u8; len as usize * 4];
            for (name, law) in laws() {
                let fill = Request::from(fill(law, len));
                group.bench_function(BenchmarkId::new(name, len), |bencher| {
                    bencher.iter(|| run(black_box(&fill), &mut out).expect("a valid destination"));
                });
            }
            for part in SLICES {
                let slice = slice(Law::normal(0.0, 0.02), len, part);
                let [columns, first, width] = part;
                let name = format!("normal portable, columns {first}..{} of {columns}", first + width);
                group.bench_function(BenchmarkId::new(name, len), |bencher| {
                    bencher.iter(|| run(black_box(&slice), &mut out).expect("a valid destination"));
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, on_gpu, on_cpu);
criterion_main!(benches);
