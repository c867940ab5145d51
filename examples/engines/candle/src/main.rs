//! weightinit in candle: the weights of any model that candle builds, each made from its own name.
//!
//! candle draws weights from one generator, so that they depend on the order in which layers are built. By
//! `adapter.rs`, which is all that it takes, they depend on a seed and on names and shapes alone.

mod adapter;

use adapter::{Weightinit, initialize, sizes};
use candle_core::{DType, Device, Module, Tensor};
use candle_nn::{Embedding, Linear, VarBuilder, VarMap, embedding, linear};
use weightinit::cpu;
use weightinit::init::{Arguments, Value};
use weightinit::recipe::{self, Model, Recipe};

const TOKENS: usize = 1000;
const WIDTH: usize = 64;
const SEED: u64 = 42;

type Failure = Box<dyn std::error::Error>;

/// An embedding and the feed-forward network of a transformer, named as in GPT-2.
struct Network {
    tokens: Embedding,
    up: Linear,
    down: Linear,
}

impl Network {
    fn new(vb: VarBuilder<'_>) -> candle_core::Result<Self> {
        let tokens = embedding(TOKENS, WIDTH, vb.pp("wte"))?;
        let up = linear(WIDTH, 4 * WIDTH, vb.pp("h.0.mlp.c_fc"))?;
        let down = linear(4 * WIDTH, WIDTH, vb.pp("h.0.mlp.c_proj"))?;
        Ok(Self { tokens, up, down })
    }

    /// The same network, built in another order.
    fn backwards(vb: VarBuilder<'_>) -> candle_core::Result<Self> {
        let down = linear(4 * WIDTH, WIDTH, vb.pp("h.0.mlp.c_proj"))?;
        let up = linear(WIDTH, 4 * WIDTH, vb.pp("h.0.mlp.c_fc"))?;
        let tokens = embedding(TOKENS, WIDTH, vb.pp("wte"))?;
        Ok(Self { tokens, up, down })
    }

    /// Fails unless every tensor holds the bytes of weightinit's request for it.
    fn check(&self, recipe: &'static Recipe, dtype: DType) -> Result<(), Failure> {
        let mut tensors = vec![
            ("wte.weight", self.tokens.embeddings()),
            ("h.0.mlp.c_fc.weight", self.up.weight()),
            ("h.0.mlp.c_proj.weight", self.down.weight()),
        ];
        tensors.push(("h.0.mlp.c_fc.bias", self.up.bias().ok_or("a layer with a bias")?));
        tensors.push(("h.0.mlp.c_proj.bias", self.down.bias().ok_or("a layer with a bias")?));

        let shapes: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, sizes(tensor.shape()))).collect();
        let model = Model::new(shapes.iter().map(|(name, sizes)| (*name, sizes.as_slice())));
        let requests = recipe.requests(&model, SEED, dtype.as_str().parse()?)?;
        for (name, tensor) in tensors {
            let mut found = Vec::new();
            tensor.write_bytes(&mut found)?;
            assert_eq!(found, cpu::bytes(&requests[name])?, "{name}");
        }
        Ok(())
    }
}

impl Module for Network {
    fn forward(&self, tokens: &Tensor) -> candle_core::Result<Tensor> {
        let input = self.tokens.forward(tokens)?;
        &input + self.down.forward(&self.up.forward(&input)?.gelu()?)?
    }
}

fn main() -> Result<(), Failure> {
    let (recipe, device) = (recipe::by_name("gpt2")?, Device::Cpu);

    // candle asks for each weight when it builds the layer, and weightinit makes it.
    for dtype in [DType::F32, DType::BF16] {
        let arguments = Arguments::from([("n_layer".to_owned(), Value::Number(1.0))]);
        let weights = || Box::new(Weightinit { recipe, arguments: arguments.clone(), seed: SEED });
        let network = Network::new(VarBuilder::from_backend(weights(), dtype, device.clone()))?;
        network.check(recipe, dtype)?;
        let backwards = Network::backwards(VarBuilder::from_backend(weights(), dtype, device.clone()))?;
        backwards.check(recipe, dtype)?;
        let outputs = network.forward(&Tensor::new(&[3u32, 14, 15], &device)?)?;
        println!("built in {dtype:?}: every bit is the CPU's, in either order; outputs {:?}", outputs.dims());
    }

    // Or candle builds a model to be trained, with weights of its own, and then each variable is set by its name.
    let variables = VarMap::new();
    let network = Network::new(VarBuilder::from_varmap(&variables, DType::F32, &device))?;
    initialize(&variables, recipe, SEED, DType::F32)?;
    network.check(recipe, DType::F32)?;
    println!("set {} variables of a VarMap: every bit is the CPU's", variables.all_vars().len());
    Ok(())
}
