//! `weightinit plot`: pictures of a file's tensors.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::picture;
use crate::args::PlotArguments;
use crate::model::job::Job;
use crate::model::spec::Spec;
use crate::plotting::checkpoint::Checkpoint;
use crate::plotting::{detail, overview};

pub(crate) fn run(arguments: &PlotArguments) -> Result<ExitCode> {
    let output = picture::begin(&arguments.output)?;
    let paths = [&arguments.file].into_iter().chain(&arguments.with);
    let mut files = paths.map(|path| Checkpoint::open(path)).collect::<Result<Vec<_>>>()?;
    let job = job(arguments)?;
    let names = files.first().map_or_else(Vec::new, Checkpoint::names);
    let only = match (&arguments.tensor, &names[..]) {
        (Some(name), _) => Some(name),
        (None, []) => bail!("{} has no tensors of numbers to plot", arguments.file.display()),
        (None, [name]) => Some(name),
        (None, _) => None,
    };
    let chart = match only {
        Some(name) => {
            let tensor = |file: &mut Checkpoint| Ok((file.name(), file.tensor(name)?));
            let tensors = files.iter_mut().map(tensor).collect::<Result<Vec<_>>>()?;
            let expected = job.iter().flat_map(|job| &job.tensors).find(|tensor| tensor.name == *name);
            detail::of_tensor(&tensors, expected)?
        }
        None => overview::of_files(&mut files, job.as_ref())?,
    };
    output.finish(&chart)?;
    Ok(ExitCode::SUCCESS)
}

/// What the tensors should be, if anything says so: a spec, or rules for the file's own tensors.
fn job(arguments: &PlotArguments) -> Result<Option<Job>> {
    let model = &arguments.model;
    let path = match &arguments.spec {
        Some(path) => path,
        None if model.init.is_some() || model.recipe.is_some() => &arguments.file,
        None => return Ok(None),
    };
    let job = Job::new(&Spec::read(path, model)?).with_context(|| path.display().to_string())?;
    Ok(Some(job))
}
