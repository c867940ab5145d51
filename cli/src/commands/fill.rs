//! `wginit fill`: one tensor, or a piece of it.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use wginit::init::{Arguments, Value};
use wginit::{DType, Initializer, Law, Stream, element_count};

use super::init::Outcome;
use crate::args::{FillArguments, TensorArguments};
use crate::backend;
use crate::dtype::stored;
use crate::job::{self, Content, Tensor, Why};
use crate::output::{Output, write_overlapped};
use crate::rules::{self, Chosen};
use crate::{npy, tensors_file};

/// What the output's name asks for.
enum Format {
    Raw,
    Npy,
    Safetensors,
}

pub(crate) fn run(arguments: &FillArguments) -> Result<ExitCode> {
    let format = format(arguments)?;
    let tensor = tensor(&arguments.tensor)?;
    let header = match format {
        Format::Raw => Vec::new(),
        Format::Npy => npy::header(dtype(&tensor), &tensor.shape)?,
        Format::Safetensors => tensors_file::header(std::slice::from_ref(&tensor), seed(&arguments.tensor))?,
    };
    let output = match format {
        Format::Raw => None,
        _ => Some(Output::create(&arguments.output)?),
    };
    let tensors = [tensor];
    let Content::Fill(fill) = &tensors[0].content else { bail!("nothing to fill") };
    let mut backend = backend::choose(&arguments.backend, std::iter::once(fill))?;
    let produce = |sink: &mut dyn FnMut(&[u8]) -> Result<()>| {
        sink(&header)?;
        backend.run(&tensors, &mut |_, bytes| sink(bytes))
    };
    match output {
        None => write_overlapped(std::io::stdout(), produce)?,
        Some(output) => {
            write_overlapped(output.file(), produce)
                .with_context_unless_interrupted(|| format!("cannot write {}", arguments.output.display()))?;
            output.finish()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn format(arguments: &FillArguments) -> Result<Format> {
    let path = &arguments.output;
    if path.as_os_str() == "-" {
        ensure!(!std::io::stdout().is_terminal(), "raw bytes are not for a terminal; redirect stdout or give a file");
        return Ok(Format::Raw);
    }
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("npy") => Ok(Format::Npy),
        Some("safetensors") => Ok(Format::Safetensors),
        _ => bail!("cannot write {}: expected a name that ends in .npy or .safetensors, or -", path.display()),
    }
}

fn dtype(tensor: &Tensor) -> DType {
    match &tensor.content {
        Content::Fill(fill) => fill.dtype(),
        Content::Integer(_) => DType::U32,
    }
}

fn seed(arguments: &TensorArguments) -> u64 {
    arguments.seed.unwrap_or(0)
}

/// The tensor that the command line describes; of a range, a vector of its elements.
pub(super) fn tensor(arguments: &TensorArguments) -> Result<Tensor> {
    let shape = &arguments.shape.as_ref().context("there is no --shape; give dimensions such as --shape 64x48")?.0;
    let init = arguments.init.as_ref().context("there is no --init; give an initializer such as --init he_normal")?;
    let Chosen { initializer, call, .. } = rules::named(init, &parameters(arguments)?, arguments.groups.unwrap_or(1))?;
    let bits = matches!(initializer, Initializer::Law(Law::Bits));
    let dtype = arguments.dtype.unwrap_or(if bits { DType::U32 } else { DType::F32 });
    element_count(shape, dtype).context("--shape")?;
    let (fans, fill) = job::fill(&initializer, shape, arguments.layout, dtype)?;
    let stream = arguments.name.as_deref().map_or(Stream(arguments.stream.unwrap_or(0)), Stream::from);
    let fill = fill.seed(seed(arguments)).stream(stream);
    let (fill, shape) = match &arguments.range {
        None => (fill, shape.clone()),
        Some(range) => {
            let fill = fill.range(range.0.clone()).context("--range")?;
            let shape = vec![fill.element_count()];
            (fill, shape)
        }
    };
    let name = arguments.name.clone().unwrap_or_else(|| "tensor".to_owned());
    ensure!(!name.is_empty() && name != "__metadata__", "'{name}' is no name for a tensor; give another --name");
    let why = Why { rule: "--init".to_owned(), call, fans, law: String::new(), stream: name.clone() };
    let (dtype, elements) = (stored(dtype), fill.element_count());
    Ok(Tensor { name, shape, dtype, elements, content: Content::Fill(fill), why })
}

fn parameters(arguments: &TensorArguments) -> Result<Arguments> {
    let mut parameters = Arguments::new();
    for text in &arguments.parameters {
        let (name, value) =
            text.split_once('=').with_context(|| format!("--param {text} has no value; write --param name=value"))?;
        let repeated = parameters.insert(name.to_owned(), Value::parse(value)).is_some();
        ensure!(!repeated, "--param {name} is given twice; keep one");
    }
    Ok(parameters)
}
