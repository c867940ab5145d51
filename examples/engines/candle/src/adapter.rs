//! The adapter: candle asks for a tensor by its name, and weightinit makes it.

use candle_core::{DType, Device, Error, Result, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarMap};
use weightinit::init::Arguments;
use weightinit::recipe::{Config, Model, Recipe};
use weightinit::{Request, cpu};

/// Weights by a recipe, for `VarBuilder::from_backend`. candle asks for one tensor at a time, so that the recipe sees
/// no more than that: what else its formulas need, such as the number of layers, is an argument.
pub struct Weightinit {
    pub recipe: &'static Recipe,
    pub arguments: Arguments,
    pub seed: u64,
}

impl SimpleBackend for Weightinit {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let (sizes, of) = (sizes(&shape), dtype.as_str().parse().map_err(Error::wrap)?);
        let model = Model::new([(name, sizes.as_slice())]);
        let applied = self.recipe.apply(&model, &self.arguments, &Config::default());
        let chosen = applied.and_then(|mut recipe| recipe.choose(name)).map_err(Error::wrap)?;
        let chosen = chosen.ok_or_else(|| Error::msg(format!("no rule for {name}")))?;
        let request = chosen.request(name, &sizes, self.seed, of).map_err(Error::wrap)?;
        tensor(&request, &shape, dtype, device)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        Err(Error::msg(format!("{name} was asked for without a shape")))
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

/// Sets every variable by its name. The recipe sees the whole model, and so its depth and what is tied to what.
pub fn initialize(variables: &VarMap, recipe: &'static Recipe, seed: u64, dtype: DType) -> Result<()> {
    let variables = variables.data().lock().map_err(Error::msg)?;
    let shapes: Vec<_> = variables.iter().map(|(name, variable)| (name.as_str(), sizes(variable.shape()))).collect();
    let model = Model::new(shapes.iter().map(|(name, sizes)| (*name, sizes.as_slice())));
    let of = dtype.as_str().parse().map_err(Error::wrap)?;
    let requests = recipe.requests(&model, seed, of).map_err(Error::wrap)?;
    for (name, variable) in variables.iter() {
        variable.set(&tensor(&requests[name], variable.shape(), dtype, variable.device())?)?;
    }
    Ok(())
}

fn tensor(request: &Request, shape: &Shape, dtype: DType, device: &Device) -> Result<Tensor> {
    Tensor::from_raw_buffer(&cpu::bytes(request).map_err(Error::wrap)?, dtype, shape.dims(), device)
}

pub fn sizes(shape: &Shape) -> Vec<u64> {
    shape.dims().iter().map(|size| *size as u64).collect()
}
