//! What Rust programs do without weightinit: rand and rand_distr, on one thread and with rayon, into the same buffer
//! sizes.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Normal, Uniform};
use rayon::prelude::*;

/// Elements that one rayon task fills, each with a generator of its own.
const CHUNK: usize = 1 << 16;

fn fill(chunk: usize, out: &mut [f32], law: impl rand_distr::Distribution<f32>) {
    let mut rng = SmallRng::seed_from_u64(chunk as u64);
    out.iter_mut().for_each(|x| *x = rng.sample(&law));
}

fn baseline(criterion: &mut Criterion) {
    let uniform = Uniform::new(-0.05f32, 0.05).expect("valid bounds");
    let normal = Normal::new(0.0f32, 0.02).expect("a valid deviation");
    for threads in ["1 thread", "rayon"] {
        let mut group = criterion.benchmark_group(format!("rand and rand_distr: {threads}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
        for len in [1usize << 20, 1 << 24, 1 << 25] {
            group.throughput(Throughput::ElementsAndBytes { elements: len as u64, bytes: len as u64 * 4 });
            let mut out = vec![0f32; len];
            let mut chunks = |each: &(dyn Fn(usize, &mut [f32]) + Sync)| match threads {
                "rayon" => out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| each(chunk, out)),
                _ => out.chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| each(chunk, out)),
            };
            group.bench_function(BenchmarkId::new("uniform", len), |bencher| {
                bencher.iter(|| chunks(&|chunk, out| fill(chunk, out, uniform)));
            });
            group.bench_function(BenchmarkId::new("normal", len), |bencher| {
                bencher.iter(|| chunks(&|chunk, out| fill(chunk, out, normal)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, baseline);
criterion_main!(benches);
