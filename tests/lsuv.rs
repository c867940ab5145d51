//! Layer-sequential unit variance of a small network that runs on the GPU.

mod common;

use common::{Gpu, gpu};
use weightinit::error::LawError;
use weightinit::gpu::{Elements, Lsuv, LsuvLayer, LsuvResult};
use weightinit::{DType, Error, Fill, Initializer, Law, Layout, cpu, wgpu};

const WIDTH: u64 = 96;
const BATCH: u64 = 64;
const LAYERS: usize = 4;

/// A layer: outputs = weights · max(inputs, 0), the weights in f32, or in bf16 two to a word.
const FORWARD: &str = "
@group(0) @binding(0) var<storage, read> weights: array<u32>;
@group(0) @binding(1) var<storage, read> inputs: array<f32>;
@group(0) @binding(2) var<storage, read_write> outputs: array<f32>;

fn weight(index: u32) -> f32 {
    if arrayLength(&weights) == 96u * 96u {
        return bitcast<f32>(weights[index]);
    }
    return bitcast<f32>((weights[index / 2u] >> (16u * (index % 2u))) << 16u);
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x / 96u;
    let column = id.x % 96u;
    var sum = 0.0;
    for (var i = 0u; i < 96u; i++) {
        sum += weight(column * 96u + i) * max(inputs[row * 96u + i], 0.0);
    }
    outputs[id.x] = sum;
}";

struct Network {
    gpu: &'static Gpu,
    pipeline: wgpu::ComputePipeline,
    weights: Vec<wgpu::Buffer>,
    /// The batch, then the outputs of each layer.
    activations: Vec<wgpu::Buffer>,
    dtype: DType,
}

impl Network {
    fn new(dtype: DType, gain: f64) -> Self {
        let gpu = gpu();
        let source = wgpu::ShaderSource::Wgsl(FORWARD.into());
        let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source });
        let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("forward"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let weights: Vec<_> = (0..LAYERS).map(|_| gpu.buffer(WIDTH * WIDTH * dtype.size(), 0)).collect();
        let activations: Vec<_> = (0..=LAYERS).map(|_| gpu.buffer(WIDTH * BATCH * 4, 0)).collect();
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for (layer, weights) in (0u64..).zip(&weights) {
            let orthogonal =
                Initializer::orthogonal(gain).request(layer, &[WIDTH, WIDTH], Layout::Torch, dtype).unwrap();
            gpu.filler.encode(&mut encoder, &orthogonal, weights.slice(..)).unwrap();
        }
        let batch = Fill::new(0, Law::normal(0.5, 2.0), DType::F32, WIDTH * BATCH).unwrap().with_stream("batch");
        gpu.filler.encode(&mut encoder, &batch, activations[0].slice(..)).unwrap();
        gpu.queue.submit([encoder.finish()]);
        Self { gpu, pipeline, weights, activations, dtype }
    }

    /// Records the layers up to `last`.
    fn forward(&self, last: usize, encoder: &mut wgpu::CommandEncoder) {
        for layer in 0..=last {
            let buffers = [&self.weights[layer], &self.activations[layer], &self.activations[layer + 1]];
            let entries: Vec<_> = (0..)
                .zip(buffers)
                .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
                .collect();
            let layout = &self.pipeline.get_bind_group_layout(0);
            let descriptor = wgpu::BindGroupDescriptor { label: None, layout, entries: &entries };
            let bind_group = self.gpu.device.create_bind_group(&descriptor);
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &bind_group, &[]);
            pass.dispatch_workgroups((WIDTH * BATCH / 64) as u32, 1, 1);
        }
    }

    fn lsuv(&self, lsuv: Lsuv) -> Result<Vec<LsuvResult>, Error> {
        let layers: Vec<_> = (0..LAYERS)
            .map(|layer| LsuvLayer {
                weights: Elements { slice: self.weights[layer].slice(..), dtype: self.dtype },
                outputs: Elements { slice: self.activations[layer + 1].slice(..), dtype: DType::F32 },
            })
            .collect();
        self.gpu.filler.lsuv(&self.gpu.queue, &layers, lsuv, |layer, encoder| self.forward(layer, encoder))
    }

    fn values(&self, buffer: &wgpu::Buffer, dtype: DType) -> Vec<f64> {
        let bytes = self.gpu.filler.read_back(&self.gpu.queue, buffer.slice(..)).unwrap();
        cpu::elements(dtype, &bytes).map(|bits| dtype.value(bits)).collect()
    }

    /// Variances of the layers' outputs, computed from the weights in f64.
    fn variances(&self) -> Vec<f64> {
        let mut inputs = self.values(&self.activations[0], DType::F32);
        let width = WIDTH as usize;
        let layer = |weights| {
            let weights = self.values(weights, self.dtype);
            let output = |row: &[f64], weights: &[f64]| row.iter().zip(weights).map(|(x, w)| x.max(0.0) * w).sum();
            let outputs: Vec<f64> = inputs
                .chunks(width)
                .flat_map(|row| weights.chunks(width).map(move |weights| output(row, weights)))
                .collect();
            let mean = outputs.iter().sum::<f64>() / outputs.len() as f64;
            let variance = outputs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / outputs.len() as f64;
            inputs = outputs;
            variance
        };
        self.weights.iter().map(layer).collect()
    }
}

#[test]
fn every_layer_has_variance_one() {
    for (dtype, tolerance) in [(DType::F32, 1e-4), (DType::BF16, 0.02)] {
        let network = Network::new(dtype, 3.0);
        let before = network.variances();
        assert!((before[0] - 1.0).abs() > 1.0 && before[3] > 10.0, "{before:?}");
        let results = network.lsuv(Lsuv { tolerance, iterations: 3 }).unwrap();
        assert_eq!(results.len(), LAYERS);
        assert!((results[0].before / before[0] - 1.0).abs() < 1e-4);
        for (result, variance) in results.iter().zip(network.variances()) {
            assert!((variance - 1.0).abs() <= 1.01 * tolerance, "{dtype} {result:?} {variance}");
            assert!((result.after - variance).abs() < 1e-4, "{dtype} {result:?} {variance}");
            assert!(result.iterations <= 2 && result.factor != 1.0);
        }
        // A second time there is nothing to do.
        let again = network.lsuv(Lsuv { tolerance: 1.1 * tolerance, iterations: 3 }).unwrap();
        assert!(again.iter().all(|result| result.iterations == 0 && result.factor == 1.0));
    }
}

#[test]
fn no_iterations_only_measure() {
    let network = Network::new(DType::F32, 2.0);
    let results = network.lsuv(Lsuv { iterations: 0, ..Lsuv::default() }).unwrap();
    for (result, variance) in results.iter().zip(network.variances()) {
        assert!(result.before == result.after && (result.after / variance - 1.0).abs() < 1e-4);
    }
}

#[test]
fn outputs_without_variance_are_refused() {
    let network = Network::new(DType::F32, 0.0);
    let message = network.lsuv(Lsuv::default()).unwrap_err().to_string();
    assert_eq!(
        message,
        "the outputs of layer 0 have variance 0.0; expected a finite one above 0: check that the forward pass writes \
         them, and the weights before"
    );
    let refused = network.lsuv(Lsuv { tolerance: f64::NAN, iterations: 1 });
    assert!(matches!(refused, Err(Error::Law(LawError::NotPositive { name: "tolerance", .. }))));
}
