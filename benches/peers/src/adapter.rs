//! weightinit on the adapter that burn chose, and the way over the host's memory, from recording to completion by the
//! wall clock, since that is how burn can be timed as well.

use std::rc::Rc;

use anyhow::{Context, Result};
use weightinit::gpu::{self, Filler};
use weightinit::law::Math;
use weightinit::{Fill, Law, wgpu};

use crate::host::{self, fill, laws};
use crate::{Contender, ELEMENTS, SCALE, contender};

struct Adapter {
    queue: wgpu::Queue,
    device: wgpu::Device,
    filler: Filler,
    buffer: wgpu::Buffer,
}

/// What can be timed on the adapter of this name.
pub(crate) fn contenders(name: &str) -> Result<Vec<Contender>> {
    let adapter = Rc::new(Adapter::open(name)?);
    let native = Law::Normal { mean: 0.0, std: SCALE.into(), math: Math::Native };
    let ours = laws().into_iter().chain([("native normal", native), ("constant", Law::Constant(1.0))]);
    let ours = ours.map(|(name, law)| {
        let (fill, adapter) = (fill(law), adapter.clone());
        contender("adapter", format!("weightinit, {name}"), move || adapter.fill(&fill))
    });
    let [first, second] = [adapter.clone(), adapter.clone()];
    let [mut uniforms, mut normals] = [host::memory(), host::memory()];
    let upload = [
        contender("adapter", "rand SmallRng and upload, uniform", move || {
            host::sample(&mut uniforms, host::uniform());
            first.upload(&uniforms)
        }),
        contender("adapter", "rand_distr Normal and upload, normal", move || {
            host::sample(&mut normals, host::normal());
            second.upload(&normals)
        }),
    ];
    Ok(ours.chain(upload).collect())
}

impl Adapter {
    /// As the CLI opens it.
    fn open(name: &str) -> Result<Self> {
        let adapters = pollster::block_on(gpu::adapters());
        let adapter = adapters.iter().find(|adapter| gpu::describe(&adapter.get_info()) == name);
        let (device, queue) = pollster::block_on(gpu::open(adapter.with_context(|| format!("no adapter is {name}"))?))?;
        let filler = Filler::new(&device)?;
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 4 * ELEMENTS as u64,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Ok(Self { queue, device, filler, buffer })
    }

    fn fill(&self, fill: &Fill) -> Result<()> {
        self.filler.submit(&self.queue, fill, self.buffer.slice(..))?;
        Ok(gpu::wait(&self.device, wgpu::PollType::wait_indefinitely())?)
    }

    fn upload(&self, numbers: &[f32]) -> Result<()> {
        self.queue.write_buffer(&self.buffer, 0, bytemuck::cast_slice(numbers));
        self.queue.submit([]);
        Ok(gpu::wait(&self.device, wgpu::PollType::wait_indefinitely())?)
    }
}
