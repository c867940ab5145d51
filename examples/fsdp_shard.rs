//! A rank's shards of a model, filled in place on the GPU as FSDP2 and tensor parallelism lay them out: no rank ever
//! holds a whole tensor, none asks another for anything, and each element is the one that a single machine makes.
//!
//! `cargo run --example fsdp_shard -- 6 2 4` for rank 6 of a mesh of 2 (data) x 4 (tensor) ranks.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use weightinit::gpu::{self, Filler};
use weightinit::request::{Mesh, Shard};
use weightinit::{DType, Initializer, Layout, wgpu};

/// A layer's tensors, and the axis that tensor parallelism splits: columns of the one, rows of the next.
const LAYER: [(&str, &[u64], Shard); 3] = [
    ("mlp.up_proj.weight", &[1376, 512], Shard::Split(0)),
    ("mlp.down_proj.weight", &[512, 1376], Shard::Split(1)),
    ("norm.weight", &[515], Shard::Replicate),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = std::env::args().skip(1).map(|argument| argument.parse()).collect::<Result<Vec<u64>, _>>()?;
    let [rank, data, tensor] = match arguments[..] {
        [] => [6, 2, 4],
        [rank, data, tensor] => [rank, data, tensor],
        _ => return Err("give a rank and the ranks of data and tensor parallelism, such as 6 2 4".into()),
    };
    let mesh = Mesh::new(&[data, tensor])?;

    let adapters = pollster::block_on(gpu::adapters());
    let adapter = adapters.first().ok_or("no GPU: install a driver for Vulkan, Metal or DirectX 12")?;
    let (device, queue) = pollster::block_on(gpu::open(adapter))?;
    let filler = Filler::new(&device)?;

    for (name, shape, parallel) in LAYER {
        let initializer = if shape.len() == 1 { Initializer::ones() } else { Initializer::he_normal() };
        let whole = initializer.request(name, shape, Layout::Torch, DType::BF16)?.with_seed(42);

        // FSDP2 splits the first axis of what tensor parallelism leaves: a mesh divides in the order of its axes.
        let (order, place) = (Mesh::new(&[tensor, data])?, mesh.coordinates(rank)?);
        let placements = [parallel, Shard::Split(0)];
        let slice = order.slice(place[1] * data + place[0], shape, &placements)?;
        let shard = whole.slice(&slice)?;

        // The engine's own buffer: FSDP2 pads the first axis, so that all ranks have one size. The padding stays as it
        // is.
        let largest = order.slice(0, shape, &placements)?;
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(name),
            size: (largest.element_count() * whole.dtype().size()).next_multiple_of(4),
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });

        // In the engine's own command encoder: one dispatch, whatever the slice.
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        filler.encode(&mut encoder, &shard, buffer.slice(..))?;
        queue.submit([encoder.finish()]);

        // An error if any bit is not that of the whole tensor on the CPU.
        let comparison = filler.check_against_cpu(&queue, &shard, buffer.slice(..))?;
        println!("rank {rank}: {name} {shape:?}, {:?} from {:?} on: {comparison}", slice.sizes(), slice.offsets());
    }
    Ok(())
}
