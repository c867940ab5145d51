//! `wginit init`: a whole model into one .safetensors file.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{explain, print_json};
use crate::args::InitArguments;
use crate::backend;
use crate::job::Job;
use crate::output::{Output, write_overlapped};
use crate::progress::{self, note};
use crate::spec::Spec;
use crate::tensors_file;

pub(crate) fn run(arguments: &InitArguments) -> Result<ExitCode> {
    let spec = Spec::read(&arguments.spec, &arguments.model)?;
    let job = Job::new(&spec).with_context(|| arguments.spec.display().to_string())?;
    if arguments.explain {
        explain::print(&job)?;
    }
    if let Some(output) = &arguments.output {
        check_output(output, &arguments.spec)?;
        write(arguments, &job, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn check_output(output: &Path, spec: &Path) -> Result<()> {
    ensure!(
        output.extension().is_some_and(|extension| extension == "safetensors"),
        "cannot write {}: expected a name that ends in .safetensors",
        output.display()
    );
    let same =
        std::fs::canonicalize(output).is_ok_and(|output| std::fs::canonicalize(spec).is_ok_and(|spec| spec == output));
    ensure!(!same, "cannot write {}: it is what the tensors are read from; give another name", output.display());
    Ok(())
}

fn write(arguments: &InitArguments, job: &Job, path: &Path) -> Result<()> {
    let start = Instant::now();
    let header = tensors_file::header(&job.tensors, job.seed)?;
    let output = Output::create(path)?;
    let fills: Vec<_> = job.fills().collect();
    let mut backend = backend::choose(&arguments.backend, fills.iter().copied())?;
    let bar = progress::bar(job.elements());
    let written = write_overlapped(output.file(), |sink| {
        sink(&header)?;
        backend.run(&job.tensors, &mut |chunk, bytes| {
            sink(bytes)?;
            bar.inc(chunk.pieces.iter().map(|piece| piece.elements.end - piece.elements.start).sum());
            Ok(())
        })
    });
    bar.finish_and_clear();
    written.with_context_unless_interrupted(|| format!("cannot write {}", path.display()))?;
    output.finish()?;

    let seconds = start.elapsed().as_secs_f64();
    let (parameters, tensors) = (job.parameters(), job.tensors.len());
    note(&format!(
        "{parameters} parameters in {tensors} tensors, {} in {seconds:.2} s ({}) by {} -> {}",
        progress::size(job.bytes()),
        progress::rate(job.elements(), seconds),
        backend.name(),
        path.display()
    ));
    if arguments.json {
        print_json(&json!({
            "output": path.display().to_string(),
            "backend": backend.kind(),
            "processor": backend.name(),
            "seed": job.seed,
            "tensors": tensors,
            "parameters": parameters,
            "elements": job.elements(),
            "bytes": job.bytes(),
            "seconds": seconds,
            "elements_per_second": job.elements() as f64 / seconds,
        }))?;
    }
    Ok(())
}

/// Context for failures; an interruption needs none and keeps its type for the exit code.
pub(super) trait Outcome {
    fn with_context_unless_interrupted(self, context: impl FnOnce() -> String) -> Result<()>;
}

impl Outcome for Result<()> {
    fn with_context_unless_interrupted(self, context: impl FnOnce() -> String) -> Result<()> {
        match self {
            Err(error) if error.is::<crate::interrupt::Interrupted>() => Err(error),
            result => result.with_context(context),
        }
    }
}
