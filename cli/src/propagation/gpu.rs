//! Products on a GPU, in f32: weights are filled where they are multiplied.

use anyhow::{Context, Result, ensure};
use weightinit::gpu::{Filler, describe};
use weightinit::wgpu::util::DeviceExt;
use weightinit::{DType, cpu, wgpu};
use weightinit_common::propagation::matmul::{self, Dispatch};
use weightinit_common::propagation::network::{Layer, Network};
use weightinit_common::propagation::products::{Direction, Products};
use weightinit_common::propagation::signals::Signals;

use crate::backend::failure::Failure;
use crate::backend::{self, adapters};
use crate::progress;

/// A device with the kernel for products.
pub(crate) struct Gpu {
    info: wgpu::AdapterInfo,
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    filler: Filler,
    failure: Failure,
    pipeline: wgpu::ComputePipeline,
}

impl Gpu {
    /// Opens the adapter that is wanted, or the first that can be used.
    pub(super) fn open(wanted: Option<&str>) -> Result<Self> {
        let adapter = backend::select(wanted)?;
        let info = adapter.get_info();
        let name = describe(&info);
        let (device, queue, filler) = adapters::open(&adapter).with_context(|| format!("cannot use {name}"))?;
        let failure = Failure::watch(&device);
        let source = wgpu::ShaderSource::Wgsl(matmul::SOURCE.into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some("matmul"), source });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("matmul"),
            layout: None,
            module: &module,
            entry_point: Some(matmul::ENTRY_POINT),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        failure.check().with_context(|| format!("cannot use {name}"))?;
        Ok(Self { info, name, device, queue, filler, failure, pipeline })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// The weights of a layer in f32, filled on the device.
    fn fill(&self, layer: &Layer) -> Result<wgpu::Buffer> {
        let usage = wgpu::BufferUsages::STORAGE;
        if layer.weights.dtype() == DType::F32 {
            self.check_size(layer.weights.byte_count())?;
            return Ok(self.filler.create_filled(&self.queue, &layer.weights, usage)?);
        }
        // Every value of the narrower types is one of f32.
        let values = cpu::values(&layer.weights)?.into_iter().flat_map(|value| (value as f32).to_le_bytes());
        self.upload(&values.collect::<Vec<_>>(), usage)
    }

    fn upload(&self, bytes: &[u8], usage: wgpu::BufferUsages) -> Result<wgpu::Buffer> {
        self.check_size(bytes.len() as u64)?;
        Ok(self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents: bytes, usage }))
    }

    fn check_size(&self, bytes: u64) -> Result<()> {
        let limits = self.device.limits();
        let most = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
        ensure!(
            bytes <= most,
            "{} has buffers of {} at most, and a layer's weights or signals take {}; give a smaller --width or \
             --batch, or --backend cpu",
            self.name,
            progress::size(most),
            progress::size(bytes)
        );
        Ok(())
    }

    /// A layer's matrix, which is in `weights`, times each column of the signals.
    fn product(
        &self,
        (layer, weights): &(Layer, wgpu::Buffer),
        direction: Direction,
        signals: &Signals,
    ) -> Result<Signals> {
        use wgpu::BufferUsages as Usages;
        let dispatch = Dispatch::new(layer, direction, signals);
        self.check_size(dispatch.output_size)?;
        let shape = self.upload(&dispatch.shape, Usages::UNIFORM)?;
        let input = self.upload(&dispatch.input, Usages::STORAGE)?;
        let output = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: dispatch.output_size,
            usage: Usages::STORAGE | Usages::COPY_SRC,
            mapped_at_creation: false,
        });
        let buffers = [&shape, weights, &input, &output];
        let entries = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.pipeline.get_bind_group_layout(0),
            entries: &entries.collect::<Vec<_>>(),
        });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &bind_group, &[]);
        let [x, y] = dispatch.workgroups;
        pass.dispatch_workgroups(x, y, 1);
        drop(pass);
        self.queue.submit([encoder.finish()]);
        self.failure.check()?;
        let bytes = self.filler.read_back(&self.queue, output.slice(..))?;
        self.failure.check()?;
        Ok(dispatch.product(&bytes))
    }
}

/// The weights of a network in a device's memory.
pub(super) struct OnGpu<'a> {
    gpu: &'a Gpu,
    layers: Vec<(Layer, wgpu::Buffer)>,
}

impl<'a> OnGpu<'a> {
    /// After a check of the kernels that fill them.
    pub(super) fn new(gpu: &'a Gpu, network: &Network) -> Result<Self> {
        let check = gpu.filler.self_check_of(&gpu.queue, network.layers.iter().map(|layer| &layer.weights))?;
        ensure!(
            check.passed(),
            "{} computes other bits than the CPU reference ({check}); use another adapter or --backend cpu",
            gpu.name
        );
        let filled = |layer: &Layer| Ok((layer.clone(), gpu.fill(layer)?));
        let layers = network.layers.iter().map(filled).collect::<Result<_>>();
        gpu.failure.check()?;
        Ok(Self { gpu, layers: layers? })
    }
}

impl Products for OnGpu<'_> {
    fn product(&self, layer: usize, direction: Direction, signals: &Signals) -> Result<Signals> {
        self.gpu.product(&self.layers[layer], direction, signals)
    }
}
