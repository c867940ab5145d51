//! Tensors that keep what a checkpoint has of them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail, ensure};
use safetensors::tensor::Metadata;

use crate::model::header::{self, Declared};
use crate::model::source::open;

/// A checkpoint that tensors are kept from.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    file: Mutex<File>,
    metadata: Metadata,
    /// Where its data begin.
    data: u64,
}

/// Bytes of a checkpoint that a tensor begins with.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    checkpoint: Arc<Checkpoint>,
    offset: u64,
    pub(crate) bytes: u64,
}

impl Checkpoint {
    pub(crate) fn open(path: &Path) -> Result<Arc<Self>> {
        ensure!(
            path.extension().is_some_and(|extension| extension == "safetensors"),
            "{}: only a checkpoint (.safetensors) has something to keep; give it as tensors = \"...\"",
            path.display()
        );
        let mut file = open(path)?;
        let (metadata, data) = header::read(&mut file, path)?;
        Ok(Arc::new(Self { path: path.to_owned(), file: Mutex::new(file), metadata, data }))
    }

    /// What the checkpoint has of a tensor: all of it, or the first rows of one that has grown.
    pub(crate) fn keep(self: &Arc<Self>, declared: &Declared) -> Result<Kept> {
        let Declared { name, shape, dtype } = declared;
        let Some(info) = self.metadata.info(name) else {
            bail!("{} has no such tensor to keep; give it an initializer", self.path.display());
        };
        ensure!(
            info.dtype == *dtype,
            "it is {dtype:?} and was {:?}: what is kept keeps its dtype; leave dtype out",
            info.dtype
        );
        let was: Vec<_> = info.shape.iter().map(|&size| size as u64).collect();
        let grows = was.len() == shape.len() && was.get(1..) == shape.get(1..) && was.first() <= shape.first();
        ensure!(grows, "its shape {shape:?} was {was:?}: only the first dimension of what is kept can grow");
        let (start, end) = info.data_offsets;
        let checkpoint = self.clone();
        Ok(Kept { checkpoint, offset: self.data + start as u64, bytes: (end - start) as u64 })
    }
}

impl Kept {
    /// Copies into `bytes`, which begin at byte `first` of the tensor, what is kept of them.
    pub(crate) fn copy(&self, first: u64, bytes: &mut [u8]) -> Result<()> {
        let count = self.bytes.saturating_sub(first).min(bytes.len() as u64) as usize;
        if count == 0 {
            return Ok(());
        }
        let failed = || format!("cannot read {}", self.checkpoint.path.display());
        let mut file = self.checkpoint.file.lock().ok().with_context(failed)?;
        file.seek(SeekFrom::Start(self.offset + first)).with_context(failed)?;
        file.read_exact(&mut bytes[..count]).with_context(failed)
    }

    /// What tells these bytes from others: the file as it is, and where in it they are.
    pub(crate) fn identity(&self) -> String {
        let file = self.checkpoint.file.lock().ok();
        let metadata = file.and_then(|file| file.metadata().ok());
        let changed = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        format!(
            "{} {:?} {:?} {} {}",
            self.checkpoint.path.display(),
            metadata.map(|m| m.len()),
            changed,
            self.offset,
            self.bytes
        )
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.checkpoint.path
    }
}
