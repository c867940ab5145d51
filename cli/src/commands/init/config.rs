//! Folders for libraries: a model's weights with its configuration beside them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use weightinit::DType;

use crate::model::{config, dtype, source};
use crate::output::destination::write_text;
use crate::progress::note;
use crate::store::address::is_remote;

/// A folder for a model, which is taken away again where nothing came into it.
pub(super) struct Folder {
    path: PathBuf,
    is_new: bool,
}

impl Folder {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let is_new = !is_remote(path) && !path.is_dir();
        if is_new {
            std::fs::create_dir(path).with_context(|| format!("cannot create the folder {}", path.display()))?;
        }
        Ok(Self { path: path.to_owned(), is_new })
    }

    pub(super) fn keep(mut self) {
        self.is_new = false;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_new {
            // It stays where something is in it.
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}

/// Writes the configuration beside the weights, with the type that they were given, so that libraries load the folder.
pub(super) fn copy(from: &Path, to: &Path, dtype: Option<DType>) -> Result<()> {
    let mut text = source::read_text(from)?;
    match dtype {
        None if to.is_file() && same_file::is_same_file(from, to).unwrap_or(false) => return Ok(()),
        None => {}
        Some(dtype) => {
            let mut config = config::parse(&text)?;
            let name = if config.get("torch_dtype").is_some() { "torch_dtype" } else { "dtype" };
            config[name] = json!(dtype::torch_name(dtype));
            text = format!("{config:#}\n");
        }
    }
    // Of a file, and not of an object, which would have to be fetched.
    let replaces = !is_remote(to) && to.is_file() && source::read_text(to).ok().as_ref() != Some(&text);
    write_text(to, &text)?;
    if replaces {
        note(&format!("{} was there with other contents, and is written anew", to.display()));
    }
    Ok(())
}
