//! The job: every tensor of the output with its contents decided, in the order of the file.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use weightinit::request::element_count;
use weightinit::{DType, Request};

use crate::args::ModelArguments;
pub(crate) use crate::model::decide::request;
use crate::model::decide::{decide, decide_unnamed};
use crate::model::derived::{self, Waiting};
use crate::model::dtype;
use crate::model::finder::{Finder, Found};
use crate::model::header::Declared;
use crate::model::integer;
use crate::model::kept::Kept;
use crate::model::rules::{Fate, Resolved};
use crate::model::spec::Spec;
pub(crate) use crate::model::tensor::{Content, Tensor, Why};
use crate::model::undecided::{self, Undecided};

/// Bytes of all tensors: offsets in files are signed, and the header needs room too.
const MOST_BYTES: u64 = (i64::MAX as u64) - (1 << 40);

/// All tensors, in the order of the file.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) seed: u64,
    pub(crate) tensors: Vec<Tensor>,
}

/// All tensors of a spec, before it is known that each is decided.
#[derive(Debug)]
pub(crate) struct Draft {
    seed: u64,
    pub(crate) tensors: Vec<Tensor>,
    pub(crate) undecided: Vec<Undecided>,
    /// Globs of which one may have been meant.
    globs: Vec<String>,
    /// What is wrong with a rule or a parameter that no tensor came to.
    unused: Option<anyhow::Error>,
}

impl Draft {
    /// Decides the tensors of `spec`.
    pub(crate) fn new(spec: &Spec) -> Result<Self> {
        let mut finder = Finder::new(&spec.rules, spec.default.as_ref())?;
        let model = finder.model(&spec.tensors);
        let mut finder = finder.with_recipe(spec.recipe.as_ref(), &model)?;
        let (mut tensors, mut undecided, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for declared in &spec.tensors {
            let found = finder.find(declared);
            if declared.shape.contains(&0) {
                let is_dropped = matches!(&found, Ok(Found::Rule(_, chosen)) if chosen.fate == Fate::Dropped);
                tensors.extend((!is_dropped).then(|| empty(declared)));
                continue;
            }
            let reason = match found? {
                Found::Rule(_, chosen) if chosen.fate == Fate::Dropped => continue,
                Found::Rule(rule, chosen) if matches!(chosen.fate, Fate::Kept(_)) => {
                    let kept = || keep(spec, declared, rule, &chosen);
                    tensors.push(kept().with_context(|| format!("tensor '{}'", declared.name))?);
                    continue;
                }
                Found::Rule(rule, chosen) if matches!(chosen.fate, Fate::Derived(..)) => {
                    waiting.push(Waiting { declared: declared.clone(), rule, chosen });
                    continue;
                }
                Found::Rule(rule, chosen) if integer::accepts(declared, &chosen) => {
                    tensors.push(decide(spec, declared, rule, &chosen)?);
                    continue;
                }
                Found::Rule(_, chosen) => format!(
                    "{} is for floating-point tensors; give this integer tensor zeros, ones, a whole constant or \
                     arange",
                    chosen.call
                ),
                Found::Nothing(reason) => reason,
            };
            undecided.push(Undecided { declared: declared.clone(), reason });
        }
        derived::decide(spec, waiting, &mut tensors).or_else(|error| {
            // Where the other is not decided either, that is what has to be told.
            if undecided.is_empty() { Err(error) } else { Ok(()) }
        })?;
        // As the safetensors crate writes them: wide types first, so that every tensor is aligned to its elements.
        tensors.sort_by(|a, b| (dtype::size(b.dtype), &a.name).cmp(&(dtype::size(a.dtype), &b.name)));
        let globs = if undecided.is_empty() { Vec::new() } else { finder.globs() };
        Ok(Self { seed: spec.seed, tensors, undecided, globs, unused: finder.check().err() })
    }

    /// The job, if every tensor is decided.
    pub(crate) fn finish(self) -> Result<Job> {
        if !self.undecided.is_empty() {
            bail!(undecided::message(&self.undecided, &self.globs));
        }
        if let Some(unused) = self.unused {
            return Err(unused);
        }
        ensure!(!self.tensors.is_empty(), "every tensor is dropped; keep or initialize one at least");
        let bytes = self.tensors.iter().try_fold(0u64, |sum, tensor| sum.checked_add(tensor.bytes()));
        ensure!(
            bytes.is_some_and(|bytes| bytes <= MOST_BYTES),
            "the tensors together have more bytes than a file can hold; give smaller shapes"
        );
        Ok(Job { seed: self.seed, tensors: self.tensors })
    }
}

impl Job {
    /// Decides every tensor of `spec`.
    pub(crate) fn new(spec: &Spec) -> Result<Self> {
        Draft::new(spec)?.finish()
    }

    /// What the tensors of `file` should be, if anything says so: a spec, or rules for the file's own tensors.
    pub(crate) fn said(file: &Path, spec: Option<&Path>, model: &ModelArguments) -> Result<Option<Self>> {
        let path = match spec {
            Some(path) => path,
            None if model.init.is_some() || model.recipe.is_some() => file,
            None => return Ok(None),
        };
        let job = Self::new(&Spec::read(path, model)?).with_context(|| path.display().to_string())?;
        Ok(Some(job))
    }

    /// Parameters of the model: no counters and running statistics, and those of tied tensors, which hold the same
    /// bits, once.
    pub(crate) fn parameters(&self) -> u64 {
        // Without chance, tensors are equal without being tied.
        let mut drawn: HashMap<_, Vec<_>> = HashMap::new();
        let mut parameters = 0;
        for tensor in &self.tensors {
            let is_counted = match tensor.fill() {
                None => tensor.request().is_some(),
                Some(_) if is_running_statistic(&tensor.name) => false,
                Some(fill) if !fill.law().is_random() => true,
                Some(fill) => {
                    let alike = drawn.entry((fill.stream(), fill.dtype(), &tensor.shape)).or_default();
                    let is_new = !alike.contains(&fill);
                    alike.extend(is_new.then_some(fill));
                    is_new
                }
            };
            parameters += if is_counted { tensor.elements } else { 0 };
        }
        parameters
    }

    pub(crate) fn elements(&self) -> u64 {
        self.tensors.iter().map(|tensor| tensor.elements).sum()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.tensors.iter().map(Tensor::bytes).sum()
    }

    /// What backends compute.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.tensors.iter().filter_map(Tensor::request)
    }
}

/// Whether a tensor is a batch norm's running statistic, which no gradient changes.
fn is_running_statistic(name: &str) -> bool {
    name.ends_with("running_mean") || name.ends_with("running_var")
}

/// A tensor without elements, which nothing has to decide.
fn empty(declared: &Declared) -> Tensor {
    let nothing = || "-".to_owned();
    let stream = declared.name.clone();
    let why = Why { rule: nothing(), call: nothing(), fans: None, law: "no elements".to_owned(), stream };
    Tensor::new(declared.clone(), 0, Content::Nothing, why)
}

/// A tensor that keeps what the checkpoint has of it; the rows that it did not have are initialized.
fn keep(spec: &Spec, declared: &Declared, rule: String, chosen: &Resolved) -> Result<Tensor> {
    let checkpoint =
        spec.checkpoint.as_ref().context("there is no checkpoint to keep it from; give tensors = \"...\"")?;
    let kept = Kept::new(checkpoint, declared)?;
    let elements = element_count(&declared.shape, DType::F8E4M3)?;
    let grown = elements.saturating_mul(dtype::size(declared.dtype)) > kept.bytes;
    let law = format!("kept from {}", kept.path().display());
    if grown {
        let Fate::Kept(Some(rows)) = &chosen.fate else {
            bail!("it has grown to {:?}; say how new rows are initialized, as of = \"normal\"", declared.shape)
        };
        let chosen = Resolved { initializer: rows.initializer(declared, &kept)?, ..chosen.clone() };
        // All of the tensor is asked for, so that the new rows are what they would be without the old ones.
        let mut tensor = decide_unnamed(spec, declared, rule, &chosen, Some(declared.dtype))?;
        tensor.why.law = format!("{law}; new rows {}", tensor.why.law);
        return Ok(Tensor { kept: Some(kept), ..tensor });
    }
    let why = Why { rule, call: chosen.call.clone(), fans: None, law, stream: declared.name.clone() };
    Ok(Tensor { kept: Some(kept), ..Tensor::new(declared.clone(), elements, Content::Nothing, why) })
}
