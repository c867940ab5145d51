//! weightinit in a bare wgpu program: the weights of two layers and a batch of inputs are filled, and a forward pass
//! runs on them, in one encoder and one submit. The weights are never on the host.

use weightinit::gpu::{self, Filler};
use weightinit::wgpu::{self, BufferUsages as Usages};
use weightinit::{DType, Fill, Initializer, Law, Layout, Request, cpu};

const SIZES: [u64; 3] = [784, 256, 10];
const BATCH: u64 = 32;

type Failure = Box<dyn std::error::Error>;

struct Engine {
    device: wgpu::Device,
    queue: wgpu::Queue,
    forward: wgpu::ComputePipeline,
}

impl Engine {
    /// The program's own device, as it would open it without weightinit: default limits, no features.
    fn new(adapter: &wgpu::Adapter) -> Result<Self, Failure> {
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()))?;
        let module = device.create_shader_module(wgpu::include_wgsl!("forward.wgsl"));
        let forward = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("forward"),
            layout: None,
            module: &module,
            entry_point: Some("forward"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        Ok(Self { device, queue, forward })
    }

    fn buffer(&self, label: &str, bytes: u64, usage: Usages) -> wgpu::Buffer {
        let usage = usage | Usages::COPY_SRC | Usages::COPY_DST;
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes,
            usage,
            mapped_at_creation: false,
        })
    }

    /// Records one layer.
    fn layer(&self, encoder: &mut wgpu::CommandEncoder, sizes: [u64; 2], buffers: [&wgpu::Buffer; 3]) {
        let shape = self.buffer("shape", 16, Usages::UNIFORM);
        let words = [sizes[0] as u32, sizes[1] as u32, BATCH as u32, 0];
        self.queue.write_buffer(&shape, 0, bytemuck::cast_slice(&words));
        let [weight, input, output] = buffers;
        let resources = [&shape, weight, input, output];
        let entries: Vec<_> = (0..)
            .zip(resources)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("layer"),
            layout: &self.forward.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.forward);
        pass.set_bind_group(0, &bind_group, &[]);
        pass.dispatch_workgroups((sizes[1] * BATCH).div_ceil(64) as u32, 1, 1);
    }
}

/// The same forward pass on the CPU, from the reference's weights.
fn expected(inputs: &Request, weights: [&Request; 2]) -> Result<Vec<f64>, Failure> {
    let mut activations = cpu::values(inputs)?;
    for (weight, sizes) in weights.iter().zip(SIZES.windows(2)) {
        let (weight, inputs, outputs) = (cpu::values(*weight)?, sizes[0] as usize, sizes[1] as usize);
        activations = activations
            .chunks(inputs)
            .flat_map(|row| {
                weight.chunks(inputs).map(move |w| w.iter().zip(row).map(|(w, x)| w * x).sum::<f64>().max(0.0))
            })
            .collect::<Vec<_>>();
        assert_eq!(activations.len(), outputs * BATCH as usize);
    }
    Ok(activations)
}

fn main() -> Result<(), Failure> {
    let adapters = pollster::block_on(gpu::adapters());
    let adapter = adapters.first().ok_or("no adapter: install a Vulkan driver")?;
    println!("on {}", gpu::describe(&adapter.get_info()));
    let engine = Engine::new(adapter)?;
    let filler = Filler::new(&engine.device)?;

    let layer = |name: &str, sizes: &[u64]| {
        let request = Initializer::he_uniform().request(name, &[sizes[1], sizes[0]], Layout::Torch, DType::F32);
        request.map(|request| request.with_seed(42))
    };
    let (first, second) = (layer("first.weight", &SIZES[..2])?, layer("second.weight", &SIZES[1..])?);
    let inputs = Request::from(Fill::new("inputs", Law::normal(0.0, 1.0), DType::F32, SIZES[0] * BATCH)?);

    let storage = |label, count: u64| engine.buffer(label, count * 4, Usages::STORAGE);
    let weights = [storage("first", first.element_count()), storage("second", second.element_count())];
    let activations = [0, 1, 2].map(|layer| storage("activations", SIZES[layer] * BATCH));

    let mut encoder = engine.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let targets =
        [(&first, weights[0].slice(..)), (&second, weights[1].slice(..)), (&inputs, activations[0].slice(..))];
    filler.encode_all(&mut encoder, &targets)?;
    engine.layer(&mut encoder, [SIZES[0], SIZES[1]], [&weights[0], &activations[0], &activations[1]]);
    engine.layer(&mut encoder, [SIZES[1], SIZES[2]], [&weights[1], &activations[1], &activations[2]]);
    engine.queue.submit([encoder.finish()]);

    let bytes = filler.read_back(&engine.queue, activations[2].slice(..))?;
    let outputs = bytemuck::pod_collect_to_vec::<u8, f32>(&bytes);
    let expected = expected(&inputs, [&first, &second])?;
    // The program's own sums may be in any order; weightinit's weights are exact.
    let worst = outputs.iter().zip(&expected).map(|(o, e)| (f64::from(*o) - e).abs()).fold(0.0, f64::max);
    let scale = expected.iter().copied().fold(0.0, f64::max);
    println!("{} outputs up to {scale:.3}, at most {worst:.1e} from the CPU's", outputs.len());
    assert!(scale > 0.1 && worst < 1e-4 * scale, "the forward pass is wrong");
    Ok(())
}
