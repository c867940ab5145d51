//! Recipes and rules as data, and how they choose.

use std::collections::BTreeMap;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::init::{Arguments, Given, Initializer, Layout, Parameter};
use crate::law::Law;
use crate::recipe::glob::matches_stars;
use crate::recipe::model::Model;
use crate::request::{Request, Stream};

/// How the tensors of a kind of model are initialized.
///
/// ```
/// use weightinit::init::Arguments;
/// use weightinit::recipe::Model;
///
/// let model = Model::new([("h.0.attn.c_proj.weight", &[768, 768][..]), ("h.1.attn.c_proj.weight", &[768, 768])]);
/// let gpt2 = weightinit::recipe::by_name("gpt2")?;
/// let chosen = gpt2.choose(&model, "h.0.attn.c_proj.weight", &Arguments::new())?.unwrap();
/// assert_eq!(chosen.formula, "normal, std / sqrt(2 L)");
/// assert_eq!(chosen.initializer, weightinit::Law::normal(0.0, 0.02 / 4f64.sqrt()).into());
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Recipe {
    /// The name.
    pub name: &'static str,
    /// One line: what is special about it.
    pub summary: &'static str,
    /// The paper, and the code that it follows.
    pub source: &'static str,
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
    /// Its rules, the first that matches counting.
    pub rules: &'static [&'static [Rule]],
}

/// A rule of a recipe.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Globs on whole tensor names: `*` stands for any characters.
    pub patterns: &'static [&'static str],
    /// What is drawn, as a formula of the recipe's parameters, the depth L, the width d and the fans. A word in braces
    /// is the parameter's own value.
    pub formula: &'static str,
    /// The tensors that it is for.
    of: Of,
    make: fn(&Case<'_>) -> Result<Choice>,
}

/// Tensors by their dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    All,
    Vectors,
    Matrices,
}

/// What a rule makes of a tensor.
pub(super) struct Choice {
    pub(super) initializer: Initializer,
    pub(super) tied_to: Option<String>,
    /// None where any layout does.
    pub(super) layout: Option<Layout>,
}

/// What a recipe chooses for a tensor.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Chosen {
    /// The initializer.
    pub initializer: Initializer,
    /// The layout that its formula reads the shape in; none where that is the caller's.
    pub layout: Option<Layout>,
    /// The tensor that this one is tied to, whose name makes the stream of both.
    pub tied_to: Option<String>,
    /// The glob that matched.
    pub pattern: &'static str,
    /// The rule's formula.
    pub formula: &'static str,
}

impl Recipe {
    /// Refuses arguments that the recipe does not have.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`].
    pub fn check(&'static self, arguments: &Arguments) -> Result<()> {
        Given::new(["recipe", self.name], self.parameters, arguments).map(drop)
    }

    /// What the recipe says about tensor `name` of `model`; nothing if no rule matches.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`], [`Error::WrongParameter`], [`Error::NoSuchTensor`] for a name that the model lacks,
    /// [`Error::UnknownFact`] where the formula needs something that the names and shapes do not tell, and those of the
    /// initializers.
    pub fn choose(&'static self, model: &Model, name: &str, arguments: &Arguments) -> Result<Option<Chosen>> {
        let given = Given::new(["recipe", self.name], self.parameters, arguments)?;
        let shape = model.shape(name).ok_or_else(|| Error::NoSuchTensor { name: name.to_owned() })?;
        let matching = |rule: &'static Rule| {
            let is_for_it = match rule.of {
                Of::All => true,
                Of::Vectors => shape.len() < 2,
                Of::Matrices => shape.len() >= 2,
            };
            let mut patterns = rule.patterns.iter().filter(|_| is_for_it);
            patterns.find(|pattern| matches_stars(pattern, name)).map(|pattern| (rule, *pattern))
        };
        let found = self.rules.iter().copied().flatten().find_map(matching);
        let Some((rule, pattern)) = found else { return Ok(None) };
        let Choice { initializer, tied_to, layout } = (rule.make)(&Case { model, given, name, shape })?;
        Ok(Some(Chosen { initializer, layout, tied_to, pattern, formula: rule.formula }))
    }

    /// Every tensor of `model` by the recipe's defaults, in the order of the model's names: requests of `dtype` from
    /// `seed`, tied tensors with the stream of what they are tied to, and so with its bits.
    ///
    /// # Errors
    /// Those of [`Recipe::choose`] and [`Initializer::request`]; [`Error::Undecided`] with all tensors that no rule
    /// matches.
    ///
    /// ```
    /// use weightinit::recipe::{self, Model};
    /// use weightinit::{DType, cpu};
    ///
    /// let model = Model::new([("wte.weight", &[50, 8][..]), ("h.0.mlp.c_fc.weight", &[8, 32]), ("lm_head.weight", &[50, 8])]);
    /// let requests = recipe::by_name("gpt2")?.requests(&model, 42, DType::BF16)?;
    /// assert_eq!(requests.len(), 3);
    /// assert_eq!(cpu::bytes(&requests["lm_head.weight"])?, cpu::bytes(&requests["wte.weight"])?);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn requests(&'static self, model: &Model, seed: u64, dtype: DType) -> Result<BTreeMap<String, Request>> {
        self.requests_with(model, &Arguments::new(), seed, dtype)
    }

    /// The same with `arguments` in the place of defaults.
    ///
    /// # Errors
    /// Those of [`Recipe::requests`].
    pub fn requests_with(
        &'static self,
        model: &Model,
        arguments: &Arguments,
        seed: u64,
        dtype: DType,
    ) -> Result<BTreeMap<String, Request>> {
        let (mut requests, mut undecided) = (BTreeMap::new(), Vec::new());
        for (name, shape) in model.tensors() {
            let Some(chosen) = self.choose(model, name, arguments)? else {
                undecided.push(name.to_owned());
                continue;
            };
            let stream = Stream::from(chosen.tied_to.as_deref().unwrap_or(name));
            let layout = chosen.layout.unwrap_or(Layout::Torch);
            let request = chosen.initializer.request(stream, shape, layout, dtype)?;
            requests.insert(name.to_owned(), request.with_seed(seed));
        }
        if undecided.is_empty() { Ok(requests) } else { Err(Error::Undecided { recipe: self.name, names: undecided }) }
    }
}

/// A tensor that a rule matched, with all that its formula may look at.
pub(super) struct Case<'a> {
    pub(super) model: &'a Model,
    pub(super) given: Given<'a>,
    pub(super) name: &'a str,
    pub(super) shape: &'a [u64],
}

impl Case<'_> {
    /// A parameter of the recipe.
    pub(super) fn number(&self, name: &'static str) -> Result<f64> {
        self.given.number(name)
    }

    /// How many layers there are, as a parameter or by the model.
    pub(super) fn layers(&self) -> Result<f64> {
        self.fact("layers", self.model.layers())
    }

    /// The width of the residual stream, as a parameter or by the model.
    pub(super) fn width(&self) -> Result<f64> {
        self.fact("width", self.model.width())
    }

    pub(super) fn fact(&self, name: &'static str, fact: Option<u64>) -> Result<f64> {
        if let Some(number) = self.given.optional(name)? {
            return Ok(number);
        }
        let recipe = self.given.owner[1];
        fact.map(|fact| fact as f64).ok_or(Error::UnknownFact { recipe, fact: name })
    }

    /// fan_in of the tensor itself.
    pub(super) fn fan_in(&self) -> Result<f64> {
        Ok(Layout::Torch.fans(self.shape, 1)?.fan_in as f64)
    }

    /// fan_in of the weight that this bias goes with.
    pub(super) fn fan_in_of_weight(&self) -> Result<f64> {
        let weight = self.name.strip_suffix("bias").map(|prefix| format!("{prefix}weight")).unwrap_or_default();
        let shape = self.model.shape(&weight);
        let unknown = || Error::UnknownFact { recipe: self.given.owner[1], fact: "fan_in" };
        Ok(Layout::Torch.fans(shape.ok_or_else(unknown)?, 1)?.fan_in as f64)
    }
}

/// The law for a tensor of any shape.
pub(super) fn law(law: Law) -> Result<Choice> {
    of(law.into())
}

pub(super) fn of(initializer: Initializer) -> Result<Choice> {
    Ok(Choice { initializer, tied_to: None, layout: Some(Layout::Torch) })
}

pub(super) fn normal(std: f64) -> Result<Choice> {
    law(Law::normal(0.0, std))
}

/// Uniform on (−bound, bound).
pub(super) fn uniform(bound: f64) -> Result<Choice> {
    law(Law::uniform(-bound, bound))
}

pub(super) const fn rule(
    patterns: &'static [&'static str],
    formula: &'static str,
    make: fn(&Case<'_>) -> Result<Choice>,
) -> Rule {
    Rule { patterns, formula, of: Of::All, make }
}

/// A rule for vectors and scalars alone.
pub(super) const fn rule_of_vectors(
    patterns: &'static [&'static str],
    formula: &'static str,
    make: fn(&Case<'_>) -> Result<Choice>,
) -> Rule {
    Rule { of: Of::Vectors, ..rule(patterns, formula, make) }
}

/// A rule for tensors of two or more dimensions.
pub(super) const fn rule_of_matrices(
    patterns: &'static [&'static str],
    formula: &'static str,
    make: fn(&Case<'_>) -> Result<Choice>,
) -> Rule {
    Rule { of: Of::Matrices, ..rule(patterns, formula, make) }
}
