//! What recipes make of the tensors of small models.

#![allow(dead_code, reason = "each test uses a part of it")]

use weightinit::init::{Arguments, Value};
use weightinit::recipe::{Chosen, Config, Model, by_name};
use weightinit::{DType, Error, Initializer, Law, Layout, cpu};

/// A model whose tensors are written `name 4x8`.
pub(crate) fn model(tensors: &[&str]) -> Model {
    let tensors: Vec<_> = tensors
        .iter()
        .map(|text| {
            let (name, shape) = text.split_once(' ').unwrap_or((text, ""));
            (name, shape.split('x').filter(|d| !d.is_empty()).map(|d| d.parse().unwrap()).collect::<Vec<u64>>())
        })
        .collect();
    Model::new(tensors.iter().map(|(name, shape)| (*name, shape.as_slice())))
}

pub(crate) fn arguments(text: &str) -> Arguments {
    let pairs = text.split_whitespace().map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), Value::parse(value))).collect()
}

pub(crate) fn choose(
    recipe: &str,
    model: &Model,
    name: &str,
    arguments: &Arguments,
) -> weightinit::Result<Option<Chosen>> {
    by_name(recipe)?.apply(model, arguments, &Config::default())?.choose(name)
}

pub(crate) struct Check {
    pub(crate) recipe: &'static str,
    pub(crate) arguments: Arguments,
    pub(crate) model: Model,
}

impl Check {
    pub(crate) fn new(recipe: &'static str, parameters: &str, tensors: &[&str]) -> Self {
        Self { recipe, arguments: arguments(parameters), model: model(tensors) }
    }

    pub(crate) fn initializer(&self, name: &str) -> Initializer {
        let chosen = choose(self.recipe, &self.model, name, &self.arguments);
        chosen.unwrap().unwrap_or_else(|| panic!("{}: no rule for {name}", self.recipe)).initializer
    }

    pub(crate) fn law(&self, name: &str) -> Law {
        self.initializer(name).law(self.model.shape(name).unwrap(), Layout::Torch).unwrap()
    }

    pub(crate) fn values(&self, name: &str) -> Vec<f64> {
        let fill = self.initializer(name).request(0, self.model.shape(name).unwrap(), Layout::Torch, DType::F64);
        cpu::values(&fill.unwrap()).unwrap()
    }

    pub(crate) fn normal(&self, name: &str, std: f64) {
        let Law::Normal { mean: 0.0, std: found, .. } = self.law(name) else { panic!("{name}: {:?}", self.law(name)) };
        assert!((found / std - 1.0).abs() < 1e-12, "{}, {name}: {found}, expected {std}", self.recipe);
    }

    pub(crate) fn uniform(&self, name: &str, bound: f64) {
        let Law::Uniform { low, high } = self.law(name) else { panic!("{name}: {:?}", self.law(name)) };
        assert!(
            low == -high && (high / bound - 1.0).abs() < 1e-12,
            "{}, {name}: {high}, expected {bound}",
            self.recipe
        );
    }

    pub(crate) fn truncated(&self, name: &str, std: f64, bound: f64) {
        assert_eq!(self.law(name), Law::truncated_normal(0.0, std, -bound, bound).unwrap(), "{name}");
    }

    pub(crate) fn constant(&self, name: &str, value: f64) {
        assert_eq!(self.law(name), Law::Constant(value), "{}, {name}", self.recipe);
    }

    pub(crate) fn refused(&self, name: &str) -> Error {
        choose(self.recipe, &self.model, name, &self.arguments).unwrap_err()
    }
}

/// A small GPT-2.
pub(crate) const GPT: &[&str] = &[
    "wte.weight 100x64",
    "wpe.weight 32x64",
    "h.0.ln_1.weight 64",
    "h.0.attn.c_attn.weight 64x192",
    "h.0.attn.c_attn.bias 192",
    "h.0.attn.c_proj.weight 64x64",
    "h.0.mlp.c_proj.weight 256x64",
    "h.1.attn.c_proj.weight 64x64",
    "h.1.mlp.c_proj.weight 256x64",
    "h.2.attn.c_proj.weight 64x64",
    "h.2.mlp.c_proj.weight 256x64",
    "h.2.mlp.c_fc.weight 64x256",
    "lm_head.weight 100x64",
];
