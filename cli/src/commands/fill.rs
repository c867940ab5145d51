//! `weightinit fill`: one tensor, or a piece of it.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use weightinit::request::element_count;
use weightinit::{DType, Initializer, Law, Stream};

use super::check_stdout;
use crate::args::{FillArguments, TensorArguments};
use crate::backend::chunk::chunks;
use crate::backend::{self, Host, Parts};
use crate::file::npy;
use crate::file::safetensors;
use crate::model::dtype::stored;
use crate::model::header::Declared;
use crate::model::job::{self, Content, Tensor, Why};
use crate::model::rules::{self, Resolved};
use crate::output::buffer::Bytes;
use crate::output::overlap::write_overlapped;
use crate::output::partial::Output;

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
        Format::Raw => {
            check_stdout()?;
            Vec::new()
        }
        Format::Npy => npy::header(dtype(&tensor), &tensor.shape)?,
        Format::Safetensors => {
            safetensors::header(std::slice::from_ref(&tensor), &safetensors::notes(seed(&arguments.tensor)))?
        }
    };
    let output = match format {
        Format::Raw => None,
        _ => Some(Output::create(&arguments.output, header.len() as u64 + tensor.bytes())?),
    };
    let tensors = [tensor];
    let requests: Vec<_> = tensors.iter().filter_map(Tensor::request).collect();
    let mut backend = backend::choose(&arguments.backend, &requests, Parts::Whole)?;
    let chunks: Vec<_> = chunks(&tensors, header.len() as u64, backend.chunk_size()).collect();
    let produce = |sink: &mut dyn FnMut(&mut Bytes) -> Result<()>| {
        sink(&mut Bytes::of(&header))?;
        backend.run(&tensors, &chunks, &mut Host::default(), &mut |_, bytes| sink(bytes))
    };
    match output {
        None => write_overlapped(std::io::stdout(), produce)?,
        Some(mut output) => {
            write_overlapped(output.writer(0)?, produce)
                .with_context(|| format!("cannot write {}", arguments.output.display()))?;
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
        Content::Request(request) => request.dtype(),
        Content::Integers(_) | Content::Nothing => DType::U32,
    }
}

fn seed(arguments: &TensorArguments) -> u64 {
    arguments.seed.unwrap_or(0)
}

/// The tensor that the command line describes; of a range, a vector of its elements.
pub(super) fn tensor(arguments: &TensorArguments) -> Result<Tensor> {
    let shape = &arguments.shape.as_ref().context("there is no --shape; give dimensions such as --shape 64x48")?.0;
    let init = arguments.init.as_ref().context("there is no --init; give an initializer such as --init he_normal")?;
    let Resolved { initializer, call, .. } =
        rules::named(init, &rules::parameters(&arguments.parameters)?, arguments.groups.unwrap_or(1))?;
    let bits = matches!(initializer, Initializer::Law(Law::Bits));
    let dtype = arguments.dtype.unwrap_or(if bits { DType::U32 } else { DType::F32 });
    element_count(shape, dtype).context("--shape")?;
    let stream = arguments.name.as_deref().map_or(Stream(arguments.stream.unwrap_or(0)), Stream::from);
    let (fans, request) = job::request(&initializer, shape, arguments.layout, dtype, (seed(arguments), stream))?;
    let (request, shape) = match &arguments.range {
        None => (request, shape.clone()),
        Some(range) => (request.range(range.0.clone()).context("--range")?, vec![range.0.end - range.0.start]),
    };
    let name = arguments.name.clone().unwrap_or_else(|| "tensor".to_owned());
    ensure!(!name.is_empty() && name != "__metadata__", "'{name}' is no name for a tensor; give another --name");
    let why = Why { rule: "--init".to_owned(), call, fans, law: String::new(), stream: name.clone() };
    let elements = request.element_count();
    let declared = Declared { name, shape, dtype: stored(dtype) };
    Ok(Tensor::new(declared, elements, Content::Request(request), why))
}
