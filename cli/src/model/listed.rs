//! Lists of tensors by files: shapes files, checkpoints, and folders of them.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::model::checkpoint::Checkpoint;
use crate::model::header::Declared;
use crate::model::{index, source};

/// The tensors that `path` declares: a shapes file, or a checkpoint, of which the headers suffice.
pub(crate) fn read(path: &Path) -> Result<Vec<Declared>> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension {
        _ if path.is_dir() => of_checkpoint(path),
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

fn of_checkpoint(path: &Path) -> Result<Vec<Declared>> {
    let tensors = Checkpoint::declared(path)?;
    source::check_list(&tensors).with_context(|| path.display().to_string())?;
    Ok(tensors)
}
