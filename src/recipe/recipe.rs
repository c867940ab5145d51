//! Recipes as data.

use crate::init::{Layout, Parameter};
use crate::recipe::rule::Rule;
use crate::recipe::tensors::{Class, Part, Tensors};

/// How the tensors of a kind of model are initialized: a family of models as a library makes them, or a method of a
/// paper.
///
/// ```
/// use weightinit::init::Arguments;
/// use weightinit::recipe::{self, Config, Model};
///
/// let model = Model::new([("h.0.attn.c_proj.weight", &[768, 768][..]), ("h.1.attn.c_proj.weight", &[768, 768])]);
/// let gpt2 = recipe::by_name("gpt2")?;
/// let mut gpt2 = gpt2.apply(&model, &Arguments::new(), &Config::default())?;
/// let chosen = gpt2.choose("h.0.attn.c_proj.weight")?.unwrap();
/// assert_eq!(chosen.formula, "normal(std=std / sqrt(2 * n_layer))");
/// assert_eq!(chosen.initializer, weightinit::Law::normal(0.0, 0.02 / 4f64.sqrt()).into());
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Recipe {
    /// The name.
    pub name: &'static str,
    /// One line: what is special about it.
    pub summary: &'static str,
    /// The paper, and the code that it follows.
    pub source: &'static str,
    /// Its parameters, in order: of a family, fields of its configuration with the defaults of its class.
    pub parameters: &'static [Parameter],
    /// Its rules, the first that matches counting.
    pub rules: &'static [&'static [Rule]],
    /// What a configuration calls models of this family (`model_type`); none of a method.
    pub model_types: &'static [&'static str],
    /// The class of models whose names and shapes follow from a configuration, if they do.
    pub(super) architecture: &'static str,
    pub(super) tensors: &'static [&'static [Tensors]],
    /// Tensors of models inside of it.
    pub(super) parts: &'static [Part],
    /// Classes whose names and shapes follow too.
    pub(super) classes: &'static [Class],
    /// Roles that it scales in blocks, and so must find in each that adds to the residual stream.
    pub(super) scales: &'static [&'static str],
    /// Roles of which it must find a tensor.
    pub(super) needs: &'static [&'static str],
    /// Names that formulas use, each an expression of its own.
    pub(super) definitions: &'static [&'static [(&'static str, &'static str)]],
    /// Names that all recipes of a kind share.
    pub(super) shared: &'static [(&'static str, &'static str)],
    /// The layout of the weights; none where that is the caller's.
    pub(super) layout: Option<Layout>,
}

/// A recipe of which only the rest has to be said.
pub(super) const RECIPE: Recipe = Recipe {
    name: "",
    summary: "",
    source: "",
    parameters: &[],
    rules: &[],
    model_types: &[],
    architecture: "",
    tensors: &[],
    parts: &[],
    classes: &[],
    scales: &[],
    needs: &[],
    definitions: &[],
    shared: &[],
    layout: Some(Layout::Torch),
};

impl Recipe {
    /// Names that its formulas use, each with the formula that it stands for.
    pub fn definitions(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.definitions.iter().copied().chain([self.shared]).flatten().copied()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}
