//! A whole model at once: from the names and shapes of a small transformer, the recipe of GPT-2 makes a request for
//! each tensor, and one compute pass fills them all. The head is tied to the embedding: both hold the same bits.
//!
//! `cargo run --example whole_model`
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use weightinit::gpu::{self, Filler};
use weightinit::recipe::{self, Model};
use weightinit::verify::Comparison;
use weightinit::{DType, Request, wgpu};

const LAYERS: u64 = 2;
const WIDTH: u64 = 128;
const TOKENS: u64 = 1000;
const POSITIONS: u64 = 256;

/// Tensors outside of the layers.
const ENDS: [(&str, &[u64]); 5] = [
    ("wte.weight", &[TOKENS, WIDTH]),
    ("wpe.weight", &[POSITIONS, WIDTH]),
    ("ln_f.weight", &[WIDTH]),
    ("ln_f.bias", &[WIDTH]),
    ("lm_head.weight", &[TOKENS, WIDTH]),
];

/// Tensors of one layer.
const LAYER: [(&str, &[u64]); 12] = [
    ("ln_1.weight", &[WIDTH]),
    ("ln_1.bias", &[WIDTH]),
    ("attn.c_attn.weight", &[WIDTH, 3 * WIDTH]),
    ("attn.c_attn.bias", &[3 * WIDTH]),
    ("attn.c_proj.weight", &[WIDTH, WIDTH]),
    ("attn.c_proj.bias", &[WIDTH]),
    ("ln_2.weight", &[WIDTH]),
    ("ln_2.bias", &[WIDTH]),
    ("mlp.c_fc.weight", &[WIDTH, 4 * WIDTH]),
    ("mlp.c_fc.bias", &[4 * WIDTH]),
    ("mlp.c_proj.weight", &[4 * WIDTH, WIDTH]),
    ("mlp.c_proj.bias", &[WIDTH]),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut tensors = ENDS.map(|(name, shape)| (name.to_owned(), shape)).to_vec();
    for layer in 0..LAYERS {
        tensors.extend(LAYER.map(|(name, shape)| (format!("h.{layer}.{name}"), shape)));
    }
    let model = Model::new(tensors.iter().map(|(name, shape)| (name.as_str(), *shape)));
    let requests = recipe::by_name("gpt2")?.requests(&model, 42, DType::BF16)?;

    let adapters = pollster::block_on(gpu::adapters());
    let adapter = adapters.first().ok_or("no GPU: install a driver for Vulkan, Metal or DirectX 12")?;
    let (device, queue) = pollster::block_on(gpu::open(adapter))?;
    let filler = Filler::new(&device)?;

    // A buffer for each tensor, as an engine would have it.
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
    let buffer = |(name, request): (&String, &Request)| {
        let (label, size) = (Some(name.as_str()), request.buffer_size());
        device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false })
    };
    let buffers: Vec<_> = requests.iter().map(buffer).collect();

    // All of them in one pass, and one submit.
    let targets: Vec<_> =
        requests.values().zip(&buffers).map(|(request, buffer)| (request, buffer.slice(..))).collect();
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    filler.encode_all(&mut encoder, &targets)?;
    queue.submit([encoder.finish()]);

    // An error if any bit is not the CPU's.
    let mut comparison = Comparison::default();
    for (request, target) in &targets {
        comparison = comparison.and(filler.check_against_cpu(&queue, *request, *target)?);
    }
    println!("{} tensors on {}: {comparison}", targets.len(), gpu::describe(&adapter.get_info()));
    if requests["lm_head.weight"] != requests["wte.weight"] {
        return Err("the head is not the embedding".into());
    }
    println!("lm_head.weight has the bits of wte.weight");
    Ok(())
}
