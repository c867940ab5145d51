//! A recipe with its parameters and the configuration that it reads.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use weightinit::init::{Arguments, Value};
use weightinit::recipe::{self, Chosen, Config, Model, Recipe};
use weightinit::{Initializer, Stream};

use crate::model::config as configuration;
use crate::model::header::Declared;
use crate::model::opened;
use crate::model::rules::{self, Derived, Fate, Resolved};
use crate::progress::note;

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

/// A recipe, its arguments, and the model's configuration.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) recipe: &'static Recipe,
    pub(crate) arguments: Arguments,
    pub(crate) config: Config,
    /// Whether arguments that reach no tensor are a mistake.
    pub(crate) is_strict: bool,
}

/// The recipe that a configuration names itself.
pub(super) const AUTO: &str = "auto";

/// What libraries call the configuration that lies beside a checkpoint.
pub(super) const CONFIG: &str = "config.json";

impl RecipeCall {
    pub(crate) fn parts(&self) -> Result<(&str, Arguments)> {
        match self {
            RecipeCall::Name(name) => Ok((name, Arguments::new())),
            RecipeCall::Table { name, parameters } => Ok((name, rules::arguments(parameters)?)),
        }
    }
}

impl Asked {
    /// The recipe called `name`, or auto, with the configuration in file `config`, or of auto in the one that lies
    /// beside one of `checkpoints`.
    pub(crate) fn new(name: &str, arguments: Arguments, config: Option<&Path>, checkpoints: &[&Path]) -> Result<Self> {
        let config = match (config, name) {
            (Some(path), _) => Some(path.to_owned()),
            (None, AUTO) => Some(beside(checkpoints)?.with_context(|| missing(checkpoints))?),
            _ => None,
        };
        let read = config.as_deref().map_or(Ok(Config::default()), configuration::read)?;
        let recipe = if name == AUTO {
            let file = config.unwrap_or_default();
            recipe::of_config(&read).with_context(|| file.display().to_string())?
        } else {
            recipe::by_name(name)?
        };
        Ok(Self { recipe, arguments, config: read, is_strict: true })
    }

    /// Adds globs to those of a role.
    pub(crate) fn add_role(&mut self, role: String, globs: &str) {
        let before = self.arguments.get(&role).map(|value| value.to_string().trim_matches('\'').to_owned() + " ");
        self.arguments.insert(role, Value::Text(before.unwrap_or_default() + globs));
    }

    /// The recipe of a list for which none is named: that of the configuration beside it, else that of the library
    /// whose names its tensors have.
    pub(crate) fn recognized(path: Option<&Path>, config: Option<&Path>, tensors: &[Declared]) -> Result<Self> {
        let beside = beside(path.as_slice())?;
        if config.is_some() || beside.is_some() {
            let asked = Self::new(AUTO, Arguments::new(), config, path.as_slice())?;
            let file = config.map(Path::to_owned).or(beside).unwrap_or_default();
            note(&format!("no recipe is named; {} is of {}", file.display(), asked.recipe.name));
            return Ok(asked);
        }
        let model = Model::new(tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.as_slice())));
        let recipe = recipe::of_names(&model).context("no --recipe, --init or config.json")?;
        note(&format!("no recipe is named; the tensors' names are those of {}", recipe.name));
        Ok(Self { recipe, arguments: Arguments::new(), config: Config::default(), is_strict: true })
    }
}

/// The first configuration that lies beside one of `checkpoints`.
fn beside(checkpoints: &[&Path]) -> Result<Option<PathBuf>> {
    for path in checkpoints.iter().map(|path| path.with_file_name(CONFIG)) {
        if opened::is_file(&path)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn missing(checkpoints: &[&Path]) -> String {
    let mut places: Vec<_> = checkpoints.iter().map(|path| path.with_file_name(CONFIG).display().to_string()).collect();
    places.dedup();
    format!("recipe auto needs the model's configuration; there is no {}; give --config FILE", places.join(" and no "))
}

/// What a recipe has chosen, by which rule.
pub(crate) fn resolved(asked: &Asked, found: Chosen) -> (String, Resolved) {
    let fate = match &found.initializer {
        Initializer::NormsOf(name) => Fate::Derived(Derived::Norms, Some(name.clone())),
        _ => Fate::Drawn,
    };
    let chosen = Resolved {
        fate,
        initializer: found.initializer,
        call: formula(asked, found.formula),
        whole: None,
        layout: found.layout,
        dtype: None,
        stream: found.tied_to.map(|name| (Stream::from(&name), name)),
    };
    (format!("{}: {}", asked.recipe.name, found.pattern), chosen)
}

/// A rule's formula; where a parameter names the initializer, that.
fn formula(asked: &Asked, formula: &str) -> String {
    let parameter =
        asked.recipe.parameters.iter().find(|parameter| formula == format!("named({0}={0})", parameter.name));
    let given = parameter
        .and_then(|parameter| asked.arguments.get(parameter.name).cloned().or_else(|| parameter.default_value()));
    given.map_or(formula.to_owned(), |value| value.to_string().trim_matches('\'').to_owned())
}
