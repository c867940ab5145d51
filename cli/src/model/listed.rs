//! Lists of tensors by files: shapes files, checkpoints, and folders of them.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::model::checkpoint::{self, Checkpoint};
use crate::model::header::Declared;
use crate::model::index::{self, Index};
use crate::model::{config, opened, recipe, source};
use crate::progress::note;

/// The tensors that `path` declares: a shapes file, or a checkpoint, of which the headers suffice.
pub(crate) fn read(path: &Path) -> Result<Vec<Declared>> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension {
        _ if opened::is_folder(path) => of_checkpoint(path),
        Some("json") => of_text(path, &source::read_text(path)?),
        Some("safetensors") => of_checkpoint(path),
        _ => bail!("{}: expected a shapes file (.json), or a .safetensors, its index or folder", path.display()),
    }
}

/// The same of a .json that says `text`.
pub(crate) fn of_text(path: &Path, text: &str) -> Result<Vec<Declared>> {
    if index::is_index(text) {
        return of_checkpoint(path);
    }
    source::parse_list(text).with_context(|| path.display().to_string())
}

/// Whether a file is a checkpoint's index.
pub(crate) fn is_index(path: &Path) -> bool {
    source::read_text(path).is_ok_and(|text| index::is_index(&text))
}

/// The tensors of an index none of whose files is there: their shapes are those of the model that the configuration
/// beside it describes, if there is one.
fn of_index_alone(path: &Path) -> Result<Option<Vec<Declared>>> {
    let config = path.with_file_name(recipe::CONFIG);
    if path.extension().is_none_or(|extension| extension != "json") || !opened::is_file(&config)? {
        return Ok(None);
    }
    let index = Index::read(path)?;
    if !index.is_alone() {
        return Ok(None);
    }
    let described = config::described(&config).with_context(|| config.display().to_string())?;
    let mut described: HashMap<_, _> = described.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
    let mut tensors = Vec::new();
    for (name, _) in &index.tensors {
        let tensor = described.remove(name).with_context(|| {
            let (path, config) = (path.display(), config.display());
            format!("{path} lists tensor '{name}', of which {config} gives no shape; put the files' headers beside it")
        })?;
        tensors.push(tensor);
    }
    note(&format!("no file of {} is there; shapes are those of {}", path.display(), config.display()));
    Ok(Some(tensors))
}

fn of_checkpoint(path: &Path) -> Result<Vec<Declared>> {
    let tensors = match of_index_alone(&checkpoint::locate(path)?)? {
        Some(tensors) => tensors,
        None => Checkpoint::declared(path)?,
    };
    source::check_list(&tensors).with_context(|| path.display().to_string())?;
    Ok(tensors)
}
