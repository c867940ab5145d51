//! On an adapter, from recording to completion by the wall clock, since that is how burn can be timed as well.

use std::cell::RefCell;
use std::time::Instant;

use anyhow::{Context, Result};
use burn::Tensor;
use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{Device, Distribution};
use wginit::gpu::{self, Filler};
use wginit::{Fill, Law, Math, wgpu};

use crate::host::{self, fill, laws};
use crate::{Contender, ELEMENTS, SCALE};

/// One adapter, opened by burn, and by wginit beside it as the CLI opens it.
pub(crate) struct Adapter {
    pub(crate) name: String,
    burn: Device,
    queue: wgpu::Queue,
    device: wgpu::Device,
    filler: Filler,
    buffer: wgpu::Buffer,
}

impl Adapter {
    pub(crate) fn open() -> Result<Self> {
        let (burn, WgpuSetup { adapter, .. }) = Device::wgpu_options().init_with_setup()?;
        let name = gpu::describe(&adapter.get_info());
        let adapters = pollster::block_on(gpu::adapters());
        let same = adapters.iter().find(|ours| gpu::describe(&ours.get_info()) == name);
        let (device, queue) = pollster::block_on(gpu::open(same.with_context(|| format!("only burn finds {name}"))?))?;
        let filler = Filler::new(&device)?;
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 4 * ELEMENTS as u64,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Ok(Self { name, burn, queue, device, filler, buffer })
    }

    pub(crate) fn contenders<'a>(&'a self, memory: &'a RefCell<&'a mut [f32]>) -> Result<Vec<Contender<'a>>> {
        let native = Law::Normal { mean: 0.0, std: SCALE.into(), math: Math::Native };
        let ours = laws().into_iter().chain([("native normal", native), ("constant", Law::Constant(1.0))]);
        let ours = ours.map(|(name, law)| {
            let fill = fill(law);
            contender(format!("wginit, {name}"), move || self.fill(&fill))
        });
        let [low, high] = [-SCALE, SCALE].map(f64::from);
        let burn = [("uniform", Distribution::Uniform(low, high)), ("normal", Distribution::Normal(0.0, high))];
        let burn = burn.map(|(name, law)| contender(format!("burn, {name}"), move || self.burn(law)));
        let upload = [
            contender("rand SmallRng and upload, uniform".into(), move || {
                host::sample(&mut memory.borrow_mut(), host::uniform());
                self.upload(&memory.borrow())
            }),
            contender("rand_distr Normal and upload, normal".into(), move || {
                host::sample(&mut memory.borrow_mut(), host::normal());
                self.upload(&memory.borrow())
            }),
        ];
        Ok(ours.chain(burn).chain(upload).collect())
    }

    fn fill(&self, fill: &Fill) -> Result<()> {
        self.filler.fill(&self.queue, fill, self.buffer.slice(..))?;
        Ok(gpu::wait(&self.device, wgpu::PollType::wait_indefinitely())?)
    }

    fn burn(&self, law: Distribution) -> Result<()> {
        let tensor = Tensor::<1>::random([ELEMENTS], law, &self.burn);
        self.burn.sync().map_err(|error| anyhow::anyhow!("{error:?}"))?;
        drop(tensor);
        Ok(())
    }

    fn upload(&self, numbers: &[f32]) -> Result<()> {
        self.queue.write_buffer(&self.buffer, 0, bytemuck::cast_slice(numbers));
        self.queue.submit([]);
        Ok(gpu::wait(&self.device, wgpu::PollType::wait_indefinitely())?)
    }
}

fn contender<'a>(name: String, run: impl Fn() -> Result<()> + 'a) -> Contender<'a> {
    let run = move || {
        let start = Instant::now();
        run()?;
        Ok(start.elapsed().as_secs_f64())
    };
    Contender { name: format!("adapter: {name}"), run: Box::new(run) }
}
