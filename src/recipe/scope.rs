//! What the names in formulas stand for: parameters, fields of the configuration, definitions, and facts about the
//! model and the tensor.

use crate::error::{Error, RecipeError, Result};
use crate::init::{Arguments, Layout, Value};
use crate::recipe::config::Config;
use crate::recipe::formula::{Expression, Names};
use crate::recipe::glob::Glob;
use crate::recipe::model::{Model, layer};
use crate::recipe::recipe::Recipe;

/// A recipe with its arguments, a configuration and a model.
#[derive(Debug)]
pub(super) struct Bound<'a> {
    pub(super) recipe: &'static Recipe,
    pub(super) model: &'a Model,
    pub(super) arguments: Arguments,
    config: Config,
    pub(super) definitions: Vec<(&'static str, Expression)>,
}

impl<'a> Bound<'a> {
    pub(super) fn new(recipe: &'static Recipe, model: &'a Model, arguments: Arguments, config: Config) -> Result<Self> {
        let wrong = |reason| Error::Recipe(RecipeError::InvalidFormula { recipe: recipe.name, reason });
        let definitions = recipe.definitions().map(|(name, text)| Ok((name, Expression::new(text)?)));
        let definitions = definitions.collect::<std::result::Result<_, _>>().map_err(wrong)?;
        Ok(Self { recipe, model, arguments, config, definitions })
    }

    /// Whether an expression depends on the tensor.
    pub(super) fn asks_for_tensor(&self, expression: &Expression) -> bool {
        let mut names = Vec::new();
        let asks = expression.collect(&mut names);
        let defined = |name: &str| self.definitions.iter().find(|(known, _)| *known == name);
        asks || names.iter().any(|name| match defined(name) {
            Some((_, definition)) => self.asks_for_tensor(definition),
            None => is_of_tensor(name),
        })
    }
}

/// The names of one tensor's formula, or of a model's conditions.
pub(super) struct Scope<'a> {
    bound: &'a Bound<'a>,
    tensor: Option<Tensor<'a>>,
    /// The index of an element.
    index: Option<u64>,
    /// Indices of layers and their parts, by their names.
    indices: &'a [(&'static str, u64)],
}

#[derive(Clone, Copy)]
struct Tensor<'a> {
    name: &'a str,
    shape: &'a [u64],
    layout: Layout,
}

/// Facts that formulas may use, and what each tells.
pub(super) const FACTS: [(&str, &str); 21] = [
    ("layers", "numbered layers"),
    ("encoder_layers", "those with encoder in their names"),
    ("decoder_layers", "those with decoder in their names"),
    ("width", "the width of the residual stream"),
    ("heads", "heads of attention, by the relative attention bias"),
    ("layer", "the first number in the tensor's name"),
    ("fan_in", "of the tensor"),
    ("fan_out", "of the tensor"),
    ("weight_fan_in", "of the weight that the bias goes with"),
    ("has_bias", "whether the tensor's module has a bias"),
    ("has_equal_bias", "whether it has one of the tensor's shape"),
    ("weight_rank", "dimensions of the weight that the bias goes with"),
    ("rank", "dimensions of the tensor"),
    ("rows", "its first dimension"),
    ("columns", "its last dimension"),
    ("hidden", "the hidden size of a recurrent layer"),
    ("convolutions", "convolutions of the tensor's layer, numbered from 1"),
    ("is_last_convolution", "whether it is the last of them"),
    ("name", "the tensor's name"),
    ("i", "the index in the last dimension"),
    ("row", "the index in all dimensions before"),
];

/// Whether a fact is one of the tensor, and not of the model.
fn is_of_tensor(name: &str) -> bool {
    const OF_MODEL: [&str; 5] = ["layers", "encoder_layers", "decoder_layers", "width", "heads"];
    FACTS.iter().any(|(fact, _)| *fact == name) && !OF_MODEL.contains(&name)
}

impl<'a> Scope<'a> {
    pub(super) fn of_model(bound: &'a Bound<'a>) -> Self {
        Self { bound, tensor: None, index: None, indices: &[] }
    }

    pub(super) fn of_tensor(bound: &'a Bound<'a>, name: &'a str, shape: &'a [u64], layout: Layout) -> Self {
        Self { bound, tensor: Some(Tensor { name, shape, layout }), index: None, indices: &[] }
    }

    /// Of a model's tensors that are asked for, at indices of layers and their parts.
    pub(super) fn of_indices(bound: &'a Bound<'a>, indices: &'a [(&'static str, u64)]) -> Self {
        Self { indices, ..Self::of_model(bound) }
    }

    /// The error of a size that is none.
    pub(super) fn no_size(&self, formula: &'static str, found: f64) -> Error {
        let (owner, found) = (["recipe", self.bound.recipe.name], found.to_string());
        Error::WrongParameter { owner, name: formula, found, expected: "a size".to_owned() }
    }

    /// The same at the index of an element.
    pub(super) fn at(&self, index: u64) -> Self {
        Self { index: Some(index), ..*self }
    }

    /// The tensor's last dimension.
    pub(super) fn columns(&self) -> u64 {
        self.tensor.and_then(|tensor| tensor.shape.last().copied()).unwrap_or(1)
    }

    /// All elements of the tensor.
    pub(super) fn elements(&self) -> u64 {
        let shape = self.tensor.map_or(&[][..], |tensor| tensor.shape);
        shape.iter().fold(1, |product, size| product.saturating_mul(*size))
    }

    fn fact(&self, name: &str) -> Result<Option<f64>> {
        let (model, facts) = (self.bound.model, &self.bound.model.facts);
        let number = |fact: Option<u64>| Ok(fact.map(|fact| fact as f64));
        match name {
            "layers" => return number(model.layers()),
            "encoder_layers" => return number(Some(facts.encoder_layers)),
            "decoder_layers" => return number(Some(facts.decoder_layers)),
            "width" => return number(model.width()),
            "heads" => return number(facts.heads),
            "i" => return number(self.index.map(|index| index % self.columns().max(1))),
            "row" => return number(self.index.map(|index| index / self.columns().max(1))),
            _ => {}
        }
        let Some(Tensor { name: tensor, shape, layout }) = self.tensor else { return Ok(None) };
        let flag = |flag: bool| number(Some(u64::from(flag)));
        match name {
            "layer" => number(layer(tensor).and_then(|layer| layer.rsplit('.').next()?.parse().ok())),
            "fan_in" => Ok(Some(layout.fans(shape, 1)?.fan_in as f64)),
            "fan_out" => Ok(Some(layout.fans(shape, 1)?.fan_out as f64)),
            "weight_fan_in" => match model.weight_of(tensor) {
                Some(shape) => Ok(Some(layout.fans(shape, 1)?.fan_in as f64)),
                None => Ok(None),
            },
            "has_bias" => flag(self.beside("bias", 0).is_some()),
            "has_equal_bias" => flag(self.beside("bias", 0) == Some(shape)),
            "weight_rank" => number(model.weight_of(tensor).map(|shape| shape.len() as u64)),
            "rank" => number(Some(shape.len() as u64)),
            "rows" => number(shape.first().copied().or(Some(1))),
            "columns" => number(shape.last().copied().or(Some(1))),
            "hidden" => number(Some(hidden(model, tensor, shape))),
            "convolutions" => number(layer(tensor).map(|layer| model.convolutions(layer))),
            "is_last_convolution" => flag(layer(tensor).is_some_and(|layer| {
                let last = model.convolutions(layer);
                last > 0 && tensor == format!("{layer}.conv{last}.weight")
            })),
            _ => Ok(None),
        }
    }
}

impl Names for Scope<'_> {
    fn find(&self, name: &'static str) -> Result<Option<Value>> {
        let Bound { recipe, arguments, config, definitions, .. } = self.bound;
        if let Some((_, index)) = self.indices.iter().find(|(known, _)| *known == name) {
            return Ok(Some(Value::Number(*index as f64)));
        }
        if let Some(value) = arguments.get(name).or_else(|| config.get(name)) {
            return Ok(Some(value.clone()));
        }
        if config.has(name) {
            return Ok(None);
        }
        if let Some(default) = recipe.parameter(name).and_then(|parameter| parameter.default_value()) {
            return Ok(Some(default));
        }
        if let Some((_, expression)) = definitions.iter().find(|(known, _)| *known == name) {
            return expression.optional(self);
        }
        if let ("name", Some(tensor)) = (name, self.tensor) {
            return Ok(Some(Value::Text(tensor.name.to_owned())));
        }
        Ok(self.fact(name)?.map(Value::Number))
    }

    fn unknown(&self, name: &'static str) -> Error {
        Error::Recipe(RecipeError::UnknownFact { recipe: self.bound.recipe.name, fact: name })
    }

    fn exists(&self, glob: &Glob) -> bool {
        self.bound.model.tensors().any(|(name, _)| glob.matches(name))
    }

    fn all(&self, globs: &[Glob]) -> bool {
        self.bound.model.tensors().all(|(name, _)| globs.iter().any(|glob| glob.matches(name)))
    }

    fn beside(&self, name: &str, outer: usize) -> Option<&[u64]> {
        let tensor = self.tensor?.name;
        let mut modules = tensor.rmatch_indices(['.', '/']).map(|(at, _)| &tensor[..=at]);
        let module = modules.nth(outer).unwrap_or("");
        self.bound.model.shape(&format!("{module}{name}"))
    }

    fn field(&self, path: &str) -> Option<Value> {
        self.bound.config.get(path).cloned()
    }

    fn count(&self, path: &str) -> u64 {
        self.bound.config.count(path)
    }

    fn shape(&self) -> Option<&[u64]> {
        Some(self.tensor?.shape)
    }

    fn wrong(&self, found: &Value, expected: &'static str) -> Error {
        let owner = ["recipe", self.bound.recipe.name];
        Error::WrongParameter { owner, name: "of a formula", found: found.to_string(), expected: expected.to_owned() }
    }
}

/// The hidden size: an LSTM has four gates, a GRU three, a plain layer one; weight_hh has as many rows for each.
fn hidden(model: &Model, tensor: &str, shape: &[u64]) -> u64 {
    let rows = shape.first().copied().unwrap_or(1);
    let mut recurrent = tensor.to_owned();
    for part in ["weight_ih", "bias_ih", "bias_hh", "weight_hr"] {
        recurrent = recurrent.replace(part, "weight_hh");
    }
    let of_weight = model.shape(&recurrent).filter(|shape| shape.len() == 2).map(|shape| shape[1]);
    // With a projection of the output, weight_hh has the projection's columns, and weight_hr those of the state.
    let projection = model.shape(&recurrent.replace("weight_hh", "weight_hr")).and_then(|shape| shape.last().copied());
    projection.or(of_weight).unwrap_or(rows / 4).max(1)
}
