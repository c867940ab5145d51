//! weightinit in burn: the weights of a small network are filled in burn's own tensors, on burn's device, queue and
//! memory pool, and burn trains it. Then all parameters of a module are initialized by their names: `names.rs`.
//!
//! burn allocates tensors in pages that it shares out, so that a tensor is a range of a buffer: exactly what a fill
//! takes. Nothing is copied, and nothing passes through the host.

mod names;

use burn::Tensor;
use burn::module::{Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{Device, activation::relu};
use burn_wgpu::{CubeTensor, Wgpu};
use cubecl::wgpu::{AutoCompiler, WgpuServer};
use weightinit::gpu::Filler;
use weightinit::verify::compare;
use weightinit::{DType, Fill, Initializer, Law, Layout, Request};

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

    /// A burn tensor that holds `request`, filled where burn allocated it.
    fn tensor<const D: usize>(&self, request: &Request, shape: [usize; D]) -> Result<Tensor<D>, Failure> {
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
        self.filler.submit(&self.setup.queue, request, range)?;
        Ok(Tensor::from_primitive::<Wgpu>(tensor))
    }
}

/// Fails unless burn, which reads its own tensor back, finds the CPU's bits.
fn check<const D: usize>(name: &str, request: &Request, tensor: Tensor<D>) -> Result<(), Failure> {
    let values: Vec<f32> = tensor.into_data().try_to_vec().map_err(|error| format!("{error:?}"))?;
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    println!("{name}: {}", compare(request, &bytes)?.equal()?);
    Ok(())
}

fn main() -> Result<(), Failure> {
    let gpu = Gpu::new()?;
    println!("burn on {}", weightinit::gpu::describe(&gpu.setup.adapter.get_info()));
    train(&gpu)?;
    by_names(&gpu)
}

/// A network of tensors.
fn train(gpu: &Gpu) -> Result<(), Failure> {
    // Keras' layout: burn's linear layers, as this network's, are x·W with W of shape (in, out).
    let layers = [("in.weight", [2, HIDDEN]), ("hidden.weight", [HIDDEN, HIDDEN]), ("out.weight", [HIDDEN, 1])];
    let mut weights = Vec::new();
    for (name, shape) in layers {
        let sizes = shape.map(|size| size as u64);
        let request = Initializer::he_normal().request(name, &sizes, Layout::Keras, DType::F32)?.with_seed(42);
        let tensor = gpu.tensor(&request, shape)?;
        check(name, &request, tensor.clone())?;
        weights.push(tensor.autodiff().require_grad());
    }

    // The data are a fill as well: points of the square, and a function of them to learn.
    let points = Fill::new("points", Law::uniform(-1.0, 1.0), DType::F32, 2 * SAMPLES as u64)?;
    let inputs = gpu.tensor(&points.into(), [SAMPLES, 2])?;
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

/// A module of burn's own layers.
#[derive(Module, Debug)]
struct Network {
    tokens: Embedding,
    layers: Vec<Linear>,
}

/// What a parameter is to hold, by its name and shape: burn's layers are x·W with W of shape (in, out), as Keras' are.
fn rule(name: &str, shape: &[u64]) -> weightinit::Result<Request> {
    let initializer = match name {
        "tokens.weight" => Initializer::from(Law::normal(0.0, 0.02)),
        _ if name.ends_with(".bias") => Initializer::zeros(),
        _ => Initializer::glorot_uniform(),
    };
    Ok(initializer.request(name, shape, Layout::Keras, DType::F32)?.with_seed(42))
}

/// A whole module by the names of its parameters.
fn by_names(gpu: &Gpu) -> Result<(), Failure> {
    let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).init(&gpu.device);
    let network = Network {
        tokens: EmbeddingConfig::new(1000, HIDDEN).init(&gpu.device),
        layers: vec![linear(HIDDEN, 4 * HIDDEN), linear(4 * HIDDEN, HIDDEN)],
    };
    let network = names::initialize(gpu, network, rule)?;

    let matrix = |name: &str, weight: &Param<Tensor<2>>| {
        let sizes = weight.dims().map(|size| size as u64);
        check(name, &rule(name, &sizes)?, weight.val())
    };
    matrix("tokens.weight", &network.tokens.weight)?;
    for (number, layer) in network.layers.iter().enumerate() {
        matrix(&format!("layers.{number}.weight"), &layer.weight)?;
        let (name, bias) = (format!("layers.{number}.bias"), layer.bias.as_ref().ok_or("a layer with a bias")?);
        check(&name, &rule(&name, &[bias.dims()[0] as u64])?, bias.val())?;
    }
    Ok(())
}
