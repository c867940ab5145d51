//! `weightinit init`: a whole model into .safetensors files.

mod config;
mod one;
mod several;
#[cfg(all(test, feature = "object-store"))]
mod stored;
mod target;

use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{check_stdout, explain, print_json};
use crate::args::InitArguments;
use crate::model::job::Draft;
use crate::model::spec::Spec;
use crate::progress::{self, Watch, note};
use target::{Files, Target};

pub(crate) fn run(arguments: &InitArguments) -> Result<ExitCode> {
    let made = made(arguments, &mut progress::shown())?;
    if arguments.json && !made.is_null() {
        print_json(&made)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Does it, and says what has come of it: nothing where it is only explained.
pub(crate) fn made(arguments: &InitArguments, watch: Watch<'_>) -> Result<Value> {
    let spec = Spec::read(&arguments.spec, &arguments.model)?;
    let target = Target::of(arguments, spec.config.as_deref())?;
    let draft = Draft::new(&spec).with_context(|| arguments.spec.display().to_string())?;
    if let Some(target) = &target {
        target.check(&[Some(&arguments.spec), spec.source.as_ref()])?;
        if target.rank.is_first()
            && let Some(words) = target.rank.words()
        {
            note(&words);
        }
    }
    if arguments.explain && target.as_ref().is_none_or(|target| target.rank.is_first()) {
        if target.is_none() {
            check_stdout()?;
        }
        match explain::print(&draft) {
            // Whoever has read enough of the table still wants the file.
            Err(error) if target.is_some() && crate::is_broken_pipe(&error) => {}
            printed => printed?,
        }
    }
    let job = draft.finish().with_context(|| arguments.spec.display().to_string())?;
    let Some(target) = target else { return Ok(Value::Null) };
    // A configuration's model is loaded by libraries if the configuration lies beside it.
    let copy = || match (&target.folder, spec.config.as_deref()) {
        (Some(folder), Some(config)) if target.rank.is_first() => {
            config::copy(config, &folder.join("config.json"), spec.dtype)
        }
        _ => Ok(()),
    };
    match target.files {
        Files::One(ref path) => {
            let folder = target.folder.as_deref().map(config::Folder::create).transpose()?;
            let made = one::write(arguments, &job, path, watch)?;
            copy()?;
            if let Some(folder) = folder {
                folder.keep();
            }
            Ok(made)
        }
        Files::Shards(..) | Files::Ranks(_) => several::write(arguments, &job, &target, copy, watch),
    }
}
