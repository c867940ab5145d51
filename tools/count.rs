//! Fills 2^18 elements by the CPU reference, once: what `scripts/check/instructions` counts the instructions of.
//!
//! `cargo run --release --no-default-features --features simd --example count -- normal bf16`

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::hint::black_box;

use weightinit::law::Math;
use weightinit::{DType, Fill, Law, cpu};

/// Few enough to be quick under valgrind, and so many that what a fill costs once does not show.
const ELEMENTS: u64 = 1 << 18;

/// What is counted: valgrind collects between its entry and its return, so that it must be a function of its own.
#[inline(never)]
fn counted(fill: &Fill, out: &mut [u8]) -> weightinit::Result<()> {
    cpu::write_serial(fill, out)
}

fn law(name: &str) -> Result<Law, Box<dyn std::error::Error>> {
    Ok(match name {
        "constant" => Law::Constant(1.0),
        "bits" => Law::Bits,
        "uniform" => Law::uniform(-0.05, 0.05),
        "normal" => Law::normal(0.0, 0.02),
        "normal_native" => Law::Normal { mean: 0.0, std: 0.02, math: Math::Native },
        "truncated_normal" => Law::truncated_normal(0.0, 0.02, -0.04, 0.04)?,
        _ => return Err(format!("no law {name}").into()),
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [name, dtype] = &arguments[..] else { return Err("give a law and a type, such as normal f32".into()) };
    let fill = Fill::new(0, law(name)?, dtype.parse::<DType>()?, ELEMENTS)?.with_seed(1).with_stream("count");
    let mut out = vec![0; usize::try_from(fill.byte_count())?];
    counted(black_box(&fill), &mut out)?;
    // The vector instructions that the fill was dispatched by, as this process sees the processor.
    #[cfg(target_arch = "x86_64")]
    println!("avx2 {}, avx512f {}", is_x86_feature_detected!("avx2"), is_x86_feature_detected!("avx512f"));
    black_box(&out);
    Ok(())
}
