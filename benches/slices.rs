//! Slices of a matrix in 2^20 and 2^24 elements of f32 and bf16 beside a contiguous fill of as many: on the first
//! adapter, and on the CPU reference on one and on all threads. Names say which columns of how many a slice has.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use weightinit::gpu::{self, Filler, Timer};
use weightinit::request::Slice;
use weightinit::{DType, Fill, Law, Request, cpu, wgpu};

const SIZES: [u64; 2] = [1 << 20, 1 << 24];

/// Bytes of a destination at most: f32 with padding behind its rows.
const LARGEST: u64 = (1 << 24) * 4 / 1000 * 1024 + 4096;

/// Columns of a matrix, and the first and how many of them a slice has: whole batches, whole blocks, and rows of few
/// elements that begin anywhere.
const SLICES: [[u64; 3]; 9] = [
    [4096, 1024, 1024],
    [4096, 8, 8],
    [4095, 64, 100],
    [4095, 3, 16],
    [4095, 1, 5],
    [4095, 1, 4],
    [4096, 1, 3],
    [4096, 0, 2],
    [4096, 0, 1],
];

fn fill(dtype: DType, len: u64) -> Fill {
    let fill = Fill::new(0, Law::normal(0.0, 0.02), dtype, len).expect("a valid fill");
    fill.with_seed(1).with_stream("bench")
}

/// The contiguous fill, and about as many elements of a matrix, in rows of a few.
fn requests(dtype: DType, len: u64) -> Vec<(String, Request)> {
    let slice = |[columns, first, width]: [u64; 3]| {
        let shape = [len / width, columns];
        let slice = Slice::new(&shape, &[0, first], &[shape[0], width]).expect("a valid slice");
        let sliced = Request::from(fill(dtype, shape[0] * columns)).slice(&slice).expect("a slice of this tensor");
        (format!("columns {first}..{} of {columns}", first + width), sliced)
    };
    let rows = [len / 1000, 1000];
    let padded = Slice::whole(&rows).and_then(|slice| slice.with_destination(&[rows[0], 1024], &[0, 0]));
    let padded = Request::from(fill(dtype, rows[0] * rows[1])).slice(&padded.expect("a box of an array"));
    let within = fill(dtype, len + 1).range(1..len + 1).expect("a part of it");
    [("contiguous".to_owned(), fill(dtype, len).into()), ("contiguous, from element 1 on".to_owned(), within.into())]
        .into_iter()
        .chain(SLICES.into_iter().map(slice))
        .chain([("rows of 1000 at a pitch of 1024".to_owned(), padded.expect("a slice of this tensor"))])
        .collect()
}

fn groups(criterion: &mut Criterion, name: &str, mut bench: impl FnMut(&Request, u64) -> Duration) {
    for dtype in [DType::F32, DType::BF16] {
        let mut group = criterion.benchmark_group(format!("slices of a normal, {dtype}: {name}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(300));
        for len in SIZES {
            group.throughput(Throughput::ElementsAndBytes { elements: len, bytes: len * dtype.size() });
            for (name, request) in requests(dtype, len) {
                group.bench_function(BenchmarkId::new(name, len), |bencher| {
                    bencher.iter_custom(|count| bench(&request, count));
                });
            }
        }
        group.finish();
    }
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
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: LARGEST,
        usage: wgpu::BufferUsages::STORAGE,
        mapped_at_creation: false,
    });
    let name = format!("{}, {}", adapter.get_info().name, timer.clock().name());
    groups(criterion, &name, |request, count| {
        let target = buffer.slice(..request.buffer_size());
        let record = |encoder: &mut _| filler.encode(encoder, request, target);
        (0..count).map(|_| timer.time(record).expect("the device works")).sum()
    });
}

fn on_cpu(criterion: &mut Criterion) {
    type Write = fn(&Request, &mut [u8]) -> weightinit::Result<()>;
    let ways: [(&str, Write); 2] = [
        ("1 thread", |request, out| cpu::write_serial(request, out)),
        ("all threads", |request, out| cpu::write(request, out)),
    ];
    for (threads, write) in ways {
        let mut out = vec![0u8; LARGEST as usize];
        groups(criterion, threads, |request, count| {
            let out = &mut out[..request.buffer_size() as usize];
            let start = std::time::Instant::now();
            (0..count).for_each(|_| write(black_box(request), out).expect("a valid destination"));
            start.elapsed()
        });
    }
}

// As in fill.rs.
criterion_group!(name = benches; config = Criterion::default().nresamples(5000); targets = on_gpu, on_cpu);
criterion_main!(benches);
