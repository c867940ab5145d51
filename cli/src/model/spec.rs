//! The spec: a TOML file that says which tensors a model has and how each is initialized.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use weightinit::init::{Arguments, Value};
use weightinit::{DType, Layout, recipe};

use crate::args::ModelArguments;
use crate::model::checkpoint::{self, Checkpoint};
use crate::model::config;
use crate::model::header::Declared;
use crate::model::listed;
use crate::model::opened;
use crate::model::recipe::{AUTO, Asked, RecipeCall};
use crate::model::rules::{self, Call, Rule};
use crate::model::source::{self, TensorEntry};
use crate::store::address;

/// A spec as it stands in its file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seed: Option<Number>,
    dtype: Option<String>,
    layout: Option<String>,
    tensors: Option<PathBuf>,
    recipe: Option<RecipeCall>,
    config: Option<PathBuf>,
    default: Option<Call>,
    #[serde(default, rename = "rule")]
    rules: Vec<Rule>,
    #[serde(default, rename = "tensor")]
    inline: Vec<TensorEntry>,
}

/// A 64-bit number: TOML's own integers end at 2^63 − 1, so that text is taken too.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "seed is no whole number; expected one from 0 to 18446744073709551615, in quotes from 2^63 on"
)]
enum Number {
    Integer(i64),
    Text(String),
}

impl Number {
    fn value(&self) -> Result<u64> {
        let value = match self {
            Number::Integer(number) => u64::try_from(*number).ok(),
            Number::Text(text) => text.parse().ok(),
        };
        value.with_context(|| {
            let found = match self {
                Number::Integer(number) => number.to_string(),
                Number::Text(text) => format!("'{text}'"),
            };
            format!("seed is {found}; expected a whole number from 0 to 18446744073709551615")
        })
    }
}

/// What the spec and the command line say together.
pub(crate) struct Spec {
    pub(crate) seed: u64,
    /// Type of all floating-point tensors, if it is not each tensor's own.
    pub(crate) dtype: Option<DType>,
    /// Whether the type above comes from the command line, which no rule overrides.
    pub(crate) dtype_is_final: bool,
    pub(crate) layout: Option<Layout>,
    /// The file that lists the tensors, if it is another.
    pub(crate) source: Option<PathBuf>,
    /// The configuration that the tensors follow from, if they do.
    pub(crate) config: Option<PathBuf>,
    /// What tensors may be kept from.
    pub(crate) checkpoint: Option<Arc<Checkpoint>>,
    pub(crate) tensors: Vec<Declared>,
    /// How tensors find their initializers: by the first rule that matches, then the recipe, then the default.
    pub(crate) rules: Vec<Rule>,
    pub(crate) recipe: Option<Asked>,
    pub(crate) default: Option<Call>,
}

/// Parts of a spec: TOML's parser takes more memory for each than JSON's.
const MOST_PARTS: usize = source::MOST_PARTS / 4;

/// The recipe of bare lists with an initializer for their matrices.
const PLAIN: &str = "plain";

impl Spec {
    /// Reads `path`: a spec, or a bare list of tensors; called `-`, a spec or a shapes file on stdin.
    pub(crate) fn read(path: &Path, arguments: &ModelArguments) -> Result<Self> {
        if path.as_os_str() == "-" {
            let text = source::read_text(path)?;
            // No spec begins so.
            let is_json = text.trim_start().starts_with('{');
            let list = || source::parse_list(&text).and_then(|tensors| Self::bare_of(tensors, None, arguments));
            return if is_json { list() } else { Self::parse(&text, path, arguments) }.context("stdin");
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if opened::is_folder(path) => {
                // What a folder describes before there are weights in it.
                let config = path.join(crate::model::recipe::CONFIG);
                if opened::is_file(&config)? && !checkpoint::has_weights(path)? {
                    return Self::of_config(&config, arguments).with_context(|| config.display().to_string());
                }
                let weights = checkpoint::locate(path)?;
                Self::bare_of(listed::read(path)?, Some(&weights), arguments)
            }
            Some("toml") => Self::read_toml(path, arguments),
            Some("json") => {
                let text = source::read_text(path)?;
                if config::is_config(&text) {
                    return Self::of_config(path, arguments).with_context(|| path.display().to_string());
                }
                Self::bare_of(listed::of_text(path, &text)?, Some(path), arguments)
            }
            Some("safetensors") => Self::bare_of(listed::read(path)?, Some(path), arguments),
            _ => bail!(
                "{}: expected a spec (.toml), a shapes file (.json), or a .safetensors, its index or folder",
                path.display()
            ),
        }
    }

    /// The model that the configuration in file `path` describes.
    fn of_config(path: &Path, arguments: &ModelArguments) -> Result<Self> {
        ensure!(
            arguments.config.is_none() && arguments.init.is_none(),
            "it is a model's configuration, which names its own recipe; leave --config and --init out, or give a list \
             of tensors"
        );
        let name = arguments.recipe.as_deref().unwrap_or(AUTO);
        let asked = Asked::new(
            name,
            rules::parameters(&[&arguments.parameters[..], &arguments.roles].concat())?,
            Some(path),
            &[],
        )?;
        let tensors = config::tensors(&recipe::of_config(&asked.config)?.model(&asked.config)?, &asked.config)?;
        Ok(Self {
            seed: arguments.seed.unwrap_or(0),
            dtype: arguments.dtype,
            dtype_is_final: true,
            layout: Some(Layout::Torch),
            source: None,
            checkpoint: None,
            config: Some(path.to_owned()),
            tensors,
            rules: Vec::new(),
            recipe: Some(asked),
            default: None,
        })
    }

    /// A bare list of tensors, from file `path` if it is one.
    pub(crate) fn bare_of(tensors: Vec<Declared>, path: Option<&Path>, arguments: &ModelArguments) -> Result<Self> {
        let recipe = Some(Self::bare(path, &tensors, arguments)?);
        Ok(Self {
            seed: arguments.seed.unwrap_or(0),
            dtype: arguments.dtype,
            dtype_is_final: true,
            layout: Some(arguments.layout.unwrap_or(Layout::Torch)),
            source: None,
            config: None,
            checkpoint: None,
            tensors,
            rules: Vec::new(),
            recipe,
            default: None,
        })
    }

    /// The recipe of a bare list.
    fn bare(path: Option<&Path>, tensors: &[Declared], arguments: &ModelArguments) -> Result<Asked> {
        let config = arguments.config.as_deref();
        let parameters = rules::parameters(&[&arguments.parameters[..], &arguments.roles].concat())?;
        let Some(name) = &arguments.recipe else {
            let Some(init) = &arguments.init else {
                ensure!(
                    arguments.layout.is_none(),
                    "--layout goes with --init; recipes know how their weights are stored"
                );
                return Ok(Asked { arguments: parameters, ..Asked::recognized(path, config, tensors)? });
            };
            ensure!(parameters.is_empty(), "--param goes with --recipe; give an initializer's parameters in a spec");
            let init = ("init".to_owned(), Value::Text(init.clone()));
            let plain = Asked::new(PLAIN, Arguments::from([init]), None, &[])?;
            // There may be no matrices.
            return Ok(Asked { is_strict: false, ..plain });
        };
        ensure!(
            name == PLAIN || arguments.layout.is_none_or(|layout| layout == Layout::Torch),
            "--layout does not go with --recipe: recipes know how their weights are stored"
        );
        Asked::new(name, parameters, config, path.as_slice())
    }

    fn read_toml(path: &Path, arguments: &ModelArguments) -> Result<Self> {
        let text = source::read_text(path)?;
        Self::parse(&text, path, arguments).with_context(|| path.display().to_string())
    }

    /// The spec that stands in `text`; the file that it names is relative to `path`.
    pub(crate) fn parse(text: &str, path: &Path, arguments: &ModelArguments) -> Result<Self> {
        source::check_parts(text, MOST_PARTS)?;
        Self::from_file(toml::from_str(text)?, path, arguments)
    }

    fn from_file(file: File, path: &Path, arguments: &ModelArguments) -> Result<Self> {
        ensure!(
            arguments.init.is_none(),
            "--init is for a bare .json or .safetensors; in a spec write default = \"{}\"",
            arguments.init.as_deref().unwrap_or_default()
        );
        ensure!(
            arguments.recipe.is_none(),
            "--recipe is for a bare .json or .safetensors; in a spec write recipe = \"{}\"",
            arguments.recipe.as_deref().unwrap_or_default()
        );
        ensure!(
            arguments.parameters.is_empty() && arguments.roles.is_empty(),
            "--param and --role are for a bare .json or .safetensors; in a spec write \
             recipe = {{ name = \"...\", ... }}"
        );
        let beside =
            |name: &PathBuf| anyhow::Ok(path.parent().unwrap_or(Path::new("")).join(address::local(name.clone())?));
        let source = file.tensors.as_ref().map(beside).transpose()?;
        let config = arguments.config.clone().or(file.config.as_ref().map(beside).transpose()?);
        let checkpoints: Vec<_> = source.as_deref().into_iter().chain([path]).collect();
        let asked = |call: &RecipeCall| {
            let (name, arguments) = call.parts()?;
            Asked::new(name, arguments, config.as_deref(), &checkpoints)
        };
        let mut recipe = file.recipe.as_ref().map(asked).transpose().context("recipe")?;
        for rule in &file.rules {
            let Some((role, globs)) = rule.role()? else { continue };
            let asked = recipe.as_mut().with_context(|| {
                format!("rule '{}': a role is for a recipe, and there is none; leave role out", rule.label())
            })?;
            asked.add_role(role, &globs);
        }
        ensure!(
            recipe.is_some() || config.is_none(),
            "a configuration is for a recipe, and there is none; write recipe = \"auto\""
        );
        ensure!(
            source.is_some() || !file.inline.is_empty(),
            "there are no tensors; give tensors = \"shapes.json\" or [[tensor]] tables"
        );
        let listed = source.as_deref().map_or(Ok(Vec::new()), listed::read)?;
        let tensors = source::with(listed, file.inline)?;
        let mut calls = file.rules.iter().map(|rule| rule.table.keeps()).chain(file.default.iter().map(Call::keeps));
        let keeps = calls.any(|keeps| keeps);
        let checkpoint = source.as_deref().filter(|_| keeps).map(kept_from).transpose()?;
        let seed = file.seed.as_ref().map_or(Ok(0), Number::value)?;
        let dtype = file.dtype.as_deref().map(crate::args::float_type).transpose()?;
        let layout = file.layout.as_deref().map(str::parse).transpose()?;
        Ok(Self {
            seed: arguments.seed.unwrap_or(seed),
            dtype: arguments.dtype.or(dtype),
            dtype_is_final: arguments.dtype.is_some(),
            layout: arguments.layout.or(layout),
            source,
            config: None,
            checkpoint,
            tensors,
            rules: file.rules,
            recipe,
            default: file.default,
        })
    }
}

/// The checkpoint that a spec keeps tensors from.
fn kept_from(path: &Path) -> Result<Arc<Checkpoint>> {
    ensure!(
        path.is_dir() || path.extension().is_some_and(|extension| extension == "safetensors") || listed::is_index(path),
        "{}: only a checkpoint (.safetensors, its index or folder) has something to keep; give it as tensors = \"...\"",
        path.display()
    );
    Checkpoint::of_whole_tensors(path).map(Arc::new)
}
