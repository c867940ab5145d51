//! The job: every tensor of the output with its contents decided, in the order of the file.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use safetensors::Dtype;
use weightinit::init::Fans;
use weightinit::recipe::Model;
use weightinit::request::element_count;
use weightinit::{DType, Fill, Initializer, Layout, Request, Stream};

use crate::args::ModelArguments;
use crate::model::dtype;
use crate::model::finder::{Finder, Found};
use crate::model::header::Declared;
use crate::model::integer;
use crate::model::kept::Kept;
use crate::model::rules::{Fate, Resolved};
use crate::model::spec::Spec;
use crate::model::undecided::{self, Undecided};
use crate::model::words::{describe, significant};

/// Bytes of all tensors: offsets in files are signed, and the header needs room too.
const MOST_BYTES: u64 = (i64::MAX as u64) - (1 << 40);

/// What a tensor's bytes are.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every tensor is a request")]
pub(crate) enum Content {
    /// Elements that a backend computes.
    Request(Request),
    /// Integers by their little-endian bytes, again and again where there are fewer than elements.
    Integers(Vec<u8>),
    /// Nothing of its own: all is kept.
    Nothing,
}

/// A tensor of the output.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    pub(crate) dtype: Dtype,
    pub(crate) elements: u64,
    pub(crate) content: Content,
    /// What a checkpoint has of it, in the place of its content.
    pub(crate) kept: Option<Kept>,
    pub(crate) why: Why,
}

/// Why a tensor's contents are what they are, for `--explain`.
#[derive(Clone, Debug)]
pub(crate) struct Why {
    pub(crate) rule: String,
    pub(crate) call: String,
    pub(crate) fans: Option<Fans>,
    pub(crate) law: String,
    pub(crate) stream: String,
}

/// All tensors, in the order of the file.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) seed: u64,
    pub(crate) tensors: Vec<Tensor>,
}

impl Tensor {
    /// What a backend computes of it, if it does.
    pub(crate) fn request(&self) -> Option<&Request> {
        match &self.content {
            Content::Request(request) => Some(request),
            Content::Integers(_) | Content::Nothing => None,
        }
    }

    /// The fill of its elements, if they are samples of a law.
    pub(crate) fn fill(&self) -> Option<&Fill> {
        self.request().and_then(Request::as_fill)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.elements * dtype::size(self.dtype)
    }
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
        let model = Model::new(spec.tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.as_slice())));
        let mut finder = Finder::new(&spec.rules, spec.recipe.as_ref(), &model, spec.default.as_ref())?;
        let (mut tensors, mut undecided) = (Vec::new(), Vec::new());
        for declared in &spec.tensors {
            let found = finder.find(declared);
            if declared.shape.contains(&0) {
                let is_dropped = matches!(&found, Ok(Found::Rule(_, chosen)) if chosen.fate == Fate::Dropped);
                tensors.extend((!is_dropped).then(|| empty(declared)));
                continue;
            }
            let reason = match found? {
                Found::Rule(_, chosen) if chosen.fate == Fate::Dropped => continue,
                Found::Rule(rule, chosen) if matches!(chosen.fate, Fate::Kept { .. }) => {
                    let kept = || keep(spec, declared, rule, &chosen);
                    tensors.push(kept().with_context(|| format!("tensor '{}'", declared.name))?);
                    continue;
                }
                Found::Rule(rule, chosen) if integer::accepts(declared, &chosen) => {
                    tensors.push(decide(spec, declared, rule, &chosen)?);
                    continue;
                }
                Found::Rule(_, chosen) => format!(
                    "{} is for floating-point tensors; give this integer tensor zeros, ones, a whole constant or arange",
                    chosen.call
                ),
                Found::Nothing(reason) => reason,
            };
            undecided.push(Undecided { declared: declared.clone(), reason });
        }
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
    let Declared { name, shape, dtype } = declared.clone();
    let nothing = || "-".to_owned();
    let why = Why { rule: nothing(), call: nothing(), fans: None, law: "no elements".to_owned(), stream: name.clone() };
    Tensor { name, shape, dtype, elements: 0, content: Content::Nothing, kept: None, why }
}

/// A tensor that keeps what the checkpoint has of it; the rows that it did not have are initialized.
fn keep(spec: &Spec, declared: &Declared, rule: String, chosen: &Resolved) -> Result<Tensor> {
    let checkpoint =
        spec.checkpoint.as_ref().context("there is no checkpoint to keep it from; give tensors = \"...\"")?;
    let kept = checkpoint.keep(declared)?;
    let elements = element_count(&declared.shape, DType::F8E4M3)?;
    let grown = elements.saturating_mul(dtype::size(declared.dtype)) > kept.bytes;
    ensure!(
        !grown || chosen.fate == Fate::Kept { grows: true },
        "it has grown to {:?}; say how new rows are initialized, as of = \"normal\"",
        declared.shape
    );
    if grown {
        // All of the tensor is asked for, so that the new rows are what they would be without the old ones.
        let tensor = decide_unnamed(spec, declared, rule, chosen, Some(declared.dtype))?;
        return Ok(Tensor { kept: Some(kept), ..tensor });
    }
    let Declared { name, shape, dtype } = declared.clone();
    let law = format!("kept from {}", kept.path().display());
    let why = Why { rule, call: chosen.call.clone(), fans: None, law, stream: name.clone() };
    Ok(Tensor { name, shape, dtype, elements, content: Content::Nothing, kept: Some(kept), why })
}

fn decide(spec: &Spec, declared: &Declared, rule: String, chosen: &Resolved) -> Result<Tensor> {
    decide_unnamed(spec, declared, rule, chosen, None).with_context(|| format!("tensor '{}'", declared.name))
}

/// In type `own`, if that is given.
fn decide_unnamed(
    spec: &Spec,
    declared: &Declared,
    rule: String,
    chosen: &Resolved,
    own: Option<Dtype>,
) -> Result<Tensor> {
    let Declared { name, shape, .. } = declared;
    let (stream, stream_name) = chosen.stream.clone().unwrap_or_else(|| (Stream::from(name), name.clone()));
    let why = |fans, law: String| Why { rule, call: chosen.call.clone(), fans, law, stream: stream_name };
    if dtype::is_integer(declared.dtype) {
        let (bytes, law) = integer::bytes(declared, chosen)?;
        return Ok(Tensor {
            name: name.clone(),
            shape: shape.clone(),
            dtype: declared.dtype,
            // In the types of that size.
            elements: element_count(shape, if dtype::size(declared.dtype) == 8 { DType::F64 } else { DType::F32 })?,
            content: Content::Integers(bytes),
            kept: None,
            why: why(None, law),
        });
    }
    let of_rule = if spec.dtype_is_final { None } else { chosen.dtype };
    let asked = if own.is_some() { None } else { of_rule.or(spec.dtype) };
    let dtype = asked.or(dtype::sampled(declared.dtype)).with_context(|| {
        format!("its dtype {:?} cannot be written; give dtype = \"f32\" or another", declared.dtype)
    })?;
    let layout = chosen.layout.or(spec.layout);
    let elements = element_count(shape, dtype)?;
    let (fans, request) = request(&chosen.initializer, shape, layout, dtype, (spec.seed, stream))?;
    let law = match &request {
        Request::Fill(fill) => format!("{}{}", describe(fill.law()), fill.structure()),
        Request::Orthogonal(orthogonal) => {
            format!("orthogonal {}x{} gain {}", orthogonal.rows(), orthogonal.columns(), significant(orthogonal.gain()))
        }
        _ => String::new(),
    };
    Ok(Tensor {
        name: name.clone(),
        shape: shape.clone(),
        dtype: dtype::stored(dtype),
        elements,
        why: why(fans, law),
        content: Content::Request(request),
        kept: None,
    })
}

/// What a tensor holds, and its fans. A layout is asked for only where it makes a difference: not for laws
/// without fans, nor for a matrix whose two fans count alike.
pub(crate) fn request(
    initializer: &Initializer,
    shape: &[u64],
    layout: Option<Layout>,
    dtype: DType,
    (seed, stream): (u64, Stream),
) -> Result<(Option<Fans>, Request)> {
    let of = |layout| Ok(initializer.request(stream, shape, layout, dtype)?.with_seed(seed));
    if let Some(layout) = layout {
        let request = of(layout)?;
        // A law by itself has no use for fans, but whoever reads the explanation may have.
        let fans = initializer.fans(shape, layout)?;
        return Ok((fans.or_else(|| if shape.len() > 1 { layout.fans(shape, 1).ok() } else { None }), request));
    }
    let request: weightinit::Result<_> = of(Layout::Torch);
    let same = matches!(initializer, Initializer::Law(_)) || of(Layout::Keras) == request;
    ensure!(same, "the initializer needs fans, and so a layout; give keras (..., in, out) or torch (out, in, ...)");
    Ok((None, request?))
}
