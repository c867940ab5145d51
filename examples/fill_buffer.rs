//! The shortest whole program: weights by `he_normal` in bf16, made in a buffer of the GPU and checked against the CPU.
//!
//! `cargo run --example fill_buffer`
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use weightinit::gpu::{self, Filler};
use weightinit::{DType, Initializer, Layout, wgpu};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // An engine has a device already, and gives that to the filler.
    let adapters = pollster::block_on(gpu::adapters());
    let adapter = adapters.first().ok_or("no GPU: install a driver for Vulkan, Metal or DirectX 12")?;
    let (device, queue) = pollster::block_on(gpu::open(adapter))?;
    let filler = Filler::new(&device)?;

    // What the tensor is to hold: the name, the shape, the type and the seed decide every bit.
    let shape = [1024, 768];
    let weight = Initializer::he_normal().request("fc.weight", &shape, Layout::Torch, DType::BF16)?.with_seed(42);

    // A new buffer that holds it. `filler.encode` fills a buffer of your own, in your own command encoder.
    let buffer = filler.create_filled(&queue, &weight, wgpu::BufferUsages::STORAGE)?;

    // An error if any bit is not the CPU's.
    let comparison = filler.check_against_cpu(&queue, &weight, buffer.slice(..))?;
    println!("fc.weight on {}: {comparison}", gpu::describe(&adapter.get_info()));
    Ok(())
}
