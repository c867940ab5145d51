//! weightinit in burn: the weights of a small network are filled in burn's own tensors, on burn's device, queue and
//! memory pool, and burn trains it.
//!
//! burn allocates tensors in pages that it shares out, so that a tensor is a range of a buffer: exactly what a fill
//! takes. Nothing is copied, and nothing passes through the host.

use burn::Tensor;
use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{Device, activation::relu};
use burn_wgpu::{CubeTensor, Wgpu};
use cubecl::wgpu::{AutoCompiler, WgpuServer};
use weightinit::gpu::Filler;
use weightinit::verify::compare;
use weightinit::{DType, Fill, Initializer, Law, Layout, cpu};

const HIDDEN: usize = 64;
const SAMPLES: usize = 512;

type Failure = Box<dyn std::error::Error>;

/// burn's device with the wgpu handles behind it, and a filler on them.
struct Gpu {
    device: Device,
    setup: WgpuSetup,
    filler: Filler,
}

impl Gpu {
    fn new() -> Result<Self, Failure> {
        let (device, setup) = Device::wgpu_options().init_with_setup()?;
        let filler = Filler::new(&setup.device)?;
        Ok(Self { device, setup, filler })
    }

    /// A burn tensor that holds `fill`, filled where burn allocated it.
    fn tensor<const D: usize>(&self, fill: &Fill, shape: [usize; D]) -> Result<Tensor<D>, Failure> {
        let tensor: CubeTensor = Tensor::<D>::empty(shape, &self.device)
            .try_into_primitive::<Wgpu>()
            .map_err(|error| format!("{error:?}"))?;
        assert!(tensor.is_contiguous(), "a new tensor is contiguous");
        let managed = tensor
            .client
            .get_resource::<WgpuServer<AutoCompiler>>(tensor.handle.clone())
            .map_err(|error| format!("{error:?}"))?;
        // What burn has recorded goes first; our submission follows on the same queue.
        tensor.client.flush().map_err(|error| format!("{error:?}"))?;
        let page = managed.resource();
        let range = page.buffer.slice(page.offset..page.offset + page.size);
        self.filler.submit(&self.setup.queue, fill, range)?;
        Ok(Tensor::from_primitive::<Wgpu>(tensor))
    }
}

fn main() -> Result<(), Failure> {
    let gpu = Gpu::new()?;
    println!("burn on {}", weightinit::gpu::describe(&gpu.setup.adapter.get_info()));

    // Keras' layout: burn's linear layers, as this network's, are x·W with W of shape (in, out).
    let weight = |name: &str, shape: [usize; 2]| -> Result<(Fill, Tensor<2>), Failure> {
        let sizes = shape.map(|d| d as u64);
        let fill = Initializer::he_normal().fill(&sizes, Layout::Keras, DType::F32)?.with_seed(42).with_stream(name);
        let tensor = gpu.tensor(&fill, shape)?;
        Ok((fill, tensor))
    };
    let layers = [("in.weight", [2, HIDDEN]), ("hidden.weight", [HIDDEN, HIDDEN]), ("out.weight", [HIDDEN, 1])];
    let layers = layers.map(|(name, shape)| weight(name, shape));
    let mut weights = Vec::new();
    for layer in layers {
        let (fill, tensor) = layer?;
        // burn reads its own tensor back: the reference's bits.
        let values: Vec<f32> = tensor.clone().into_data().try_to_vec().map_err(|error| format!("{error:?}"))?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let comparison = compare(&fill, &bytes)?;
        assert!(comparison.is_equal(), "{comparison}");
        println!("weights of {} elements: {comparison}", fill.element_count());
        weights.push(tensor.autodiff().require_grad());
    }

    // The data are a fill as well: points of the square, and a function of them to learn.
    let points = Fill::new(0, Law::uniform(-1.0, 1.0), DType::F32, 2 * SAMPLES as u64)?.with_stream("points");
    let inputs = gpu.tensor(&points, [SAMPLES, 2])?;
    assert_eq!(cpu::values(&points).len(), 2 * SAMPLES);
    let target = (inputs.clone().slice([0..SAMPLES, 0..1]) * 3.0).sin() * inputs.clone().slice([0..SAMPLES, 1..2]);
    let (inputs, target) = (inputs.autodiff(), target.autodiff());

    let mut losses = Vec::new();
    for _ in 0..400 {
        let hidden = relu(inputs.clone().matmul(weights[0].clone()));
        let hidden = relu(hidden.matmul(weights[1].clone()));
        let error = hidden.matmul(weights[2].clone()) - target.clone();
        let loss = (error.clone() * error).mean();
        losses.push(loss.clone().into_scalar::<f32>());
        let gradients = loss.backward();
        for weight in &mut weights {
            let gradient = weight.grad(&gradients).ok_or("every weight has a gradient")?;
            *weight = (weight.clone().inner() - gradient * 0.2).autodiff().require_grad();
        }
    }
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    println!("mean squared error: {first:.4} before training, {last:.4} after {} steps", losses.len());
    assert!(last < first / 10.0, "the network does not learn");
    Ok(())
}
