//! Recipes: how the tensors of whole models are initialized, chosen by their names.
//!
//! A recipe is a list of rules, each with globs on tensor names, a formula and the paper or the code that it follows. What a
//! formula needs of the model (its depth, its width) is read off the names and shapes of its tensors.

mod frameworks;
mod glob;
mod model;
mod networks;
mod residual;
mod rules;
mod state_space;
mod transformers;

pub use model::Model;

use crate::error::{Error, Result};
use crate::init::fan::Layout;
use crate::init::{Arguments, Given, Initializer, Parameter};
use crate::law::Law;

/// How the tensors of a kind of model are initialized.
///
/// ```
/// use weightinit::Model;
/// use weightinit::init::Arguments;
///
/// let model = Model::new([("h.0.attn.c_proj.weight", &[768, 768][..]), ("h.1.attn.c_proj.weight", &[768, 768])]);
/// let gpt2 = weightinit::recipe::by_name("gpt2")?;
/// let chosen = gpt2.choose(&model, "h.0.attn.c_proj.weight", &Arguments::new())?.unwrap();
/// assert_eq!(chosen.formula, "normal, std / sqrt(2 L)");
/// assert_eq!(chosen.initializer, weightinit::Law::normal(0.0, 0.02 / 4f64.sqrt()).into());
/// # Ok::<(), weightinit::Error>(())
/// ```
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
pub struct Rule {
    /// Globs on whole tensor names: `*` stands for any characters.
    pub patterns: &'static [&'static str],
    /// What is drawn, as a formula of the recipe's parameters, the depth L, the width d and the fans.
    pub formula: &'static str,
    /// Whether it is for vectors and scalars alone.
    vectors: bool,
    make: fn(&Case<'_>) -> Result<Choice>,
}

/// What a rule makes of a tensor.
struct Choice {
    initializer: Initializer,
    tied_to: Option<String>,
}

/// What a recipe chooses for a tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The initializer, for [`Layout::Torch`].
    pub initializer: Initializer,
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
            let mut patterns = rule.patterns.iter().filter(|_| !rule.vectors || shape.len() < 2);
            patterns.find(|pattern| glob::matches(pattern, name)).map(|pattern| (rule, *pattern))
        };
        let found = self.rules.iter().copied().flatten().find_map(matching);
        let Some((rule, pattern)) = found else { return Ok(None) };
        let Choice { initializer, tied_to } = (rule.make)(&Case { model, given, name, shape })?;
        Ok(Some(Chosen { initializer, tied_to, pattern, formula: rule.formula }))
    }
}

/// The recipe called `name`.
///
/// # Errors
/// [`Error::UnknownName`].
pub fn by_name(name: &str) -> Result<&'static Recipe> {
    recipes().find(|recipe| recipe.name == name).ok_or_else(|| Error::UnknownName {
        kind: "recipe",
        name: name.to_owned(),
        expected: recipes().map(|recipe| recipe.name).collect::<Vec<_>>().join(", "),
    })
}

/// Every recipe.
pub fn recipes() -> impl Iterator<Item = &'static Recipe> {
    [transformers::RECIPES, residual::RECIPES, state_space::RECIPES, networks::RECIPES, frameworks::RECIPES]
        .into_iter()
        .flatten()
}

/// A tensor that a rule matched, with all that its formula may look at.
struct Case<'a> {
    model: &'a Model,
    given: Given<'a>,
    name: &'a str,
    shape: &'a [u64],
}

impl Case<'_> {
    /// A parameter of the recipe.
    fn number(&self, name: &'static str) -> Result<f64> {
        self.given.number(name)
    }

    /// How many layers there are, as a parameter or by the model.
    fn layers(&self) -> Result<f64> {
        self.fact("layers", self.model.layers())
    }

    /// Layers whose names have `part` in them.
    fn layers_of(&self, part: &str) -> u64 {
        self.model.layers_of(part)
    }

    /// The width of the residual stream, as a parameter or by the model.
    fn width(&self) -> Result<f64> {
        self.fact("width", self.model.width())
    }

    fn fact(&self, name: &'static str, fact: Option<u64>) -> Result<f64> {
        if let Some(number) = self.given.optional(name)? {
            return Ok(number);
        }
        let recipe = self.given.owner[1];
        fact.map(|fact| fact as f64).ok_or(Error::UnknownFact { recipe, fact: name })
    }

    /// fan_in of the tensor itself.
    fn fan_in(&self) -> Result<f64> {
        Ok(Layout::Torch.fans(self.shape, 1)?.fan_in as f64)
    }

    /// fan_in of the weight that this bias goes with.
    fn fan_in_of_weight(&self) -> Result<f64> {
        let weight = self.name.strip_suffix("bias").map(|prefix| format!("{prefix}weight")).unwrap_or_default();
        let shape = self.model.shape(&weight);
        let unknown = || Error::UnknownFact { recipe: self.given.owner[1], fact: "fan_in" };
        Ok(Layout::Torch.fans(shape.ok_or_else(unknown)?, 1)?.fan_in as f64)
    }
}

/// The law for a tensor of any shape.
fn law(law: Law) -> Result<Choice> {
    of(law.into())
}

fn of(initializer: Initializer) -> Result<Choice> {
    Ok(Choice { initializer, tied_to: None })
}

fn normal(std: f64) -> Result<Choice> {
    law(Law::normal(0.0, std))
}

/// Uniform on (−bound, bound).
fn uniform(bound: f64) -> Result<Choice> {
    law(Law::uniform(-bound, bound))
}

const fn rule(patterns: &'static [&'static str], formula: &'static str, make: fn(&Case<'_>) -> Result<Choice>) -> Rule {
    Rule { patterns, formula, vectors: false, make }
}

/// A rule for vectors and scalars alone.
const fn rule_of_vectors(
    patterns: &'static [&'static str],
    formula: &'static str,
    make: fn(&Case<'_>) -> Result<Choice>,
) -> Rule {
    Rule { vectors: true, ..rule(patterns, formula, make) }
}
