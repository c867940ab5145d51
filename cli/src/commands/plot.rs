//! `weightinit plot`: pictures of a file's tensors.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::picture;
use crate::args::{ModelArguments, PlotArguments, VerifyArguments};
use crate::model::job::Job;
use crate::plotting::checkpoint::Checkpoint;
use crate::plotting::{detail, overview};

pub(crate) fn run(arguments: &PlotArguments) -> Result<ExitCode> {
    let PlotArguments { file, tensor, with, spec, model, output } = arguments;
    draw(&[Some(file), with.as_ref()], tensor.as_ref(), spec.as_ref(), model, output)?;
    Ok(ExitCode::SUCCESS)
}

/// The picture that `verify --plot` asks for, if it does: of the same file beside the same laws.
pub(crate) fn of_verify(arguments: &VerifyArguments) -> Result<()> {
    let VerifyArguments { file, spec, model, plot, .. } = arguments;
    plot.as_ref().map_or(Ok(()), |output| draw(&[Some(file), None], None, spec.as_ref(), model, output))
}

/// Draws a tensor, or all of the first file where it has several and none is named.
fn draw(
    files: &[Option<&PathBuf>; 2],
    tensor: Option<&String>,
    spec: Option<&PathBuf>,
    model: &ModelArguments,
    output: &Path,
) -> Result<()> {
    let output = picture::begin(output)?;
    let files = files.iter().flatten().map(|path| Checkpoint::open(path)).collect::<Result<Vec<_>>>()?;
    let Some(first) = files.first() else { return Ok(()) };
    let names = first.names();
    let only = match (tensor, &names[..]) {
        (Some(name), _) => Some(name),
        (None, []) => bail!("{} has no tensors of numbers to plot", first.path().display()),
        (None, [name]) => Some(name),
        (None, _) => None,
    };
    let job = Job::said(first.path(), spec.map(PathBuf::as_path), model)?;
    let chart = match only {
        Some(name) => {
            let tensor = |file: &Checkpoint| Ok((file.name(), file.tensor(name)?));
            let tensors = files.iter().map(tensor).collect::<Result<Vec<_>>>()?;
            let expected = job.iter().flat_map(|job| &job.tensors).find(|tensor| tensor.name == *name);
            detail::of_tensor(&tensors, expected)?
        }
        None => overview::of_files(&files, job.as_ref())?,
    };
    output.finish(&chart)
}
