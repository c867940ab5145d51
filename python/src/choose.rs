//! `choose`: which initializer each tensor of a model gets, by rules and a recipe.

use std::collections::{BTreeMap, BTreeSet};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use weightinit::Layout;
use weightinit::recipe::{self, Chosen, Config, Glob, Model, Recipe};

use crate::arguments::arguments;
use crate::error::{Error, refused};
use crate::initializer::Initializer;

/// The recipe that a configuration names, or the names of the tensors.
const AUTO: &str = "auto";
/// Names that a message lists.
const MOST_NAMES: usize = 8;

/// What a tensor gets.
#[pyclass(frozen, get_all, module = "weightinit")]
pub(crate) struct Choice {
    /// The initializer, in the layout that it reads the shape in.
    initializer: Py<Initializer>,
    /// The tensor whose name makes the stream: its own, or that of what it is tied to.
    stream: String,
    /// The rule that matched.
    rule: String,
}

#[pymethods]
impl Choice {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let initializer = self.initializer.bind(py).repr()?;
        Ok(format!("<Choice {initializer} of stream '{}' by '{}'>", self.stream, self.rule))
    }
}

/// What each tensor gets: of the first of `rules` whose glob matches, else by the recipe, if there is one. Those that
/// are `optional` may get nothing.
#[pyfunction]
#[pyo3(signature = (tensors, optional, rules, recipe, config, parameters))]
pub(crate) fn choose<'py>(
    py: Python<'py>,
    tensors: BTreeMap<String, Vec<u64>>,
    optional: BTreeSet<String>,
    rules: Vec<(String, Py<Initializer>)>,
    recipe: Option<&str>,
    config: Option<&str>,
    parameters: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let model = Model::new(tensors.iter().map(|(name, shape)| (name.as_str(), shape.as_slice())));
    let config = config.map_or(Ok(Config::default()), weightinit_cli::config).map_err(refused)?;
    let given = arguments(parameters)?;
    let recipe = recipe.map(|name| by_name(name, &model, &config)).transpose()?;
    let globs = rules.iter().map(|(text, _)| Glob::new(text)).collect::<Result<Vec<_>, _>>().map_err(refused)?;
    let mut used = vec![false; globs.len()];
    let mut applied = recipe.map(|recipe| recipe.apply(&model, &given, &config)).transpose().map_err(refused)?;
    let (choices, mut undecided) = (PyDict::new(py), Vec::new());
    for name in tensors.keys() {
        if let Some(number) = globs.iter().position(|glob| glob.matches(name)) {
            used[number] = true;
            let (rule, initializer) = &rules[number];
            let choice = Choice { initializer: initializer.clone_ref(py), stream: name.clone(), rule: rule.clone() };
            choices.set_item(name, Bound::new(py, choice)?)?;
            continue;
        }
        let chosen = applied.as_mut().map(|applied| applied.choose(name)).transpose().map_err(refused)?.flatten();
        match chosen {
            Some(chosen) => choices.set_item(name, Bound::new(py, choice(py, name, chosen)?)?)?,
            None if optional.contains(name) => {}
            None => undecided.push(format!("'{name}'")),
        }
    }
    if !undecided.is_empty() {
        return Err(Error::new_err(format!("no rule decides {}; add rules, the last of them '*'", listed(&undecided))));
    }
    let unused: Vec<_> =
        rules.iter().zip(used).filter(|(_, used)| !used).map(|((text, _), _)| format!("'{text}'")).collect();
    if !unused.is_empty() {
        return Err(Error::new_err(format!("no tensor is left for the rules {}; leave them out", listed(&unused))));
    }
    match &applied {
        Some(applied) => applied.check().map_err(refused)?,
        None if !given.is_empty() => {
            return Err(Error::new_err("parameters are a recipe's; give those of rules' initializers in the rules"));
        }
        None => {}
    }
    Ok(choices)
}

fn by_name(name: &str, model: &Model, config: &Config) -> PyResult<&'static Recipe> {
    let found = match name {
        AUTO if *config == Config::default() => recipe::of_names(model),
        AUTO => recipe::of_config(config),
        _ => recipe::by_name(name),
    };
    found.map_err(refused)
}

fn choice(py: Python<'_>, name: &str, chosen: Chosen) -> PyResult<Choice> {
    let layout = chosen.layout.unwrap_or(Layout::Torch);
    Ok(Choice {
        initializer: Py::new(py, Initializer::chosen(chosen.initializer, layout, chosen.formula))?,
        stream: chosen.tied_to.unwrap_or_else(|| name.to_owned()),
        rule: chosen.pattern.to_owned(),
    })
}

fn listed(names: &[String]) -> String {
    let first = names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MOST_NAMES).filter(|more| *more > 0) {
        Some(more) => format!("{first} and {more} more"),
        None => first,
    }
}
