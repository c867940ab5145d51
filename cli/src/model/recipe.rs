//! A recipe with its parameters, applied to the tensors of one model.

use anyhow::{Context, Result};
use serde::Deserialize;
use weightinit::Stream;
use weightinit::init::Arguments;
use weightinit::recipe::{Model, Recipe};

use crate::model::header::Declared;
use crate::model::rules::{self, Resolved};

/// A recipe in a spec: by name alone, or as a table with its parameters.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a recipe's name, or a table such as { name = \"gpt2\", std = 0.02 }")]
pub(crate) enum RecipeCall {
    Name(String),
    Table {
        name: String,
        #[serde(flatten)]
        parameters: toml::Table,
    },
}

/// A recipe and its arguments.
pub(crate) struct Applied {
    recipe: &'static Recipe,
    arguments: Arguments,
}

impl RecipeCall {
    pub(crate) fn apply(&self) -> Result<Applied> {
        match self {
            RecipeCall::Name(name) => Applied::new(name, Arguments::new()),
            RecipeCall::Table { name, parameters } => Applied::new(name, rules::arguments(parameters)?),
        }
    }
}

impl Applied {
    pub(crate) fn new(name: &str, arguments: Arguments) -> Result<Self> {
        let recipe = weightinit::recipe::by_name(name)?;
        recipe.check(&arguments)?;
        Ok(Self { recipe, arguments })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.recipe.name
    }

    /// A rule's formula with the values of parameters that it names in braces.
    fn formula(&self, formula: &str) -> String {
        let mut text = formula.to_owned();
        for parameter in self.recipe.parameters {
            let given = self.arguments.get(parameter.name).cloned().or_else(|| parameter.default_value());
            if let Some(value) = given {
                text = text.replace(&format!("{{{}}}", parameter.name), value.to_string().trim_matches('\''));
            }
        }
        text
    }

    /// What the recipe chooses for a tensor, and by which rule.
    pub(crate) fn choose(&self, model: &Model, declared: &Declared) -> Result<Option<(String, Resolved)>> {
        let found = self.recipe.choose(model, &declared.name, &self.arguments);
        let Some(found) = found.with_context(|| format!("tensor '{}'", declared.name))? else { return Ok(None) };
        let chosen = Resolved {
            initializer: found.initializer,
            call: self.formula(found.formula),
            whole: None,
            layout: found.layout,
            dtype: None,
            stream: found.tied_to.map(|name| (Stream::from(&name), name)),
        };
        Ok(Some((format!("{}: {}", self.recipe.name, found.pattern), chosen)))
    }
}
