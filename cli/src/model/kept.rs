//! Tensors that keep what a checkpoint has of them.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};

use crate::model::checkpoint::Checkpoint;
use crate::model::header::Declared;

/// Bytes of a checkpoint's tensor that a tensor keeps, in the place of its own first ones.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    checkpoint: Arc<Checkpoint>,
    name: String,
    /// The first of them.
    first: u64,
    pub(crate) bytes: u64,
    /// Where they do not follow one another: so many do, and so many further the next begin.
    runs: Option<(u64, u64)>,
}

impl Kept {
    /// What the checkpoint has of a tensor: all of it, or the first rows of one that has grown.
    pub(crate) fn new(checkpoint: &Arc<Checkpoint>, declared: &Declared) -> Result<Self> {
        let Declared { name, shape, dtype } = declared;
        let Some(info) = checkpoint.info(name) else {
            bail!("{} has no such tensor to keep; give it an initializer", checkpoint.path().display());
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
        Ok(Self {
            checkpoint: checkpoint.clone(),
            name: name.clone(),
            first: 0,
            bytes: (end - start) as u64,
            runs: None,
        })
    }

    /// What of it lies in the bytes of the tensor from `first` on, as many as `bytes`.
    pub(crate) fn range(&self, first: u64, bytes: u64) -> Self {
        let kept = self.bytes.saturating_sub(first).min(bytes);
        Self { first: self.first + first, bytes: kept, ..self.clone() }
    }

    /// What of it lies in the columns of a matrix that begin at byte `first` of each row: `width` bytes of rows of
    /// `stride`.
    pub(crate) fn columns(&self, first: u64, width: u64, stride: u64) -> Self {
        let bytes = self.bytes.checked_div(stride).unwrap_or(0) * width;
        Self { first: self.first + first, bytes, runs: Some((width, stride)), ..self.clone() }
    }

    /// Copies into `bytes`, which begin at byte `first` of the tensor, what is kept of them.
    pub(crate) fn copy(&self, first: u64, bytes: &mut [u8]) -> Result<()> {
        let count = self.bytes.saturating_sub(first).min(bytes.len() as u64) as usize;
        if count == 0 {
            return Ok(());
        }
        let Some((width, stride)) = self.runs else {
            return self.checkpoint.read_at(&self.name, self.first + first, &mut bytes[..count]);
        };
        let (mut at, mut rest) = (first, &mut bytes[..count]);
        while !rest.is_empty() {
            let (row, column) = (at / width, at % width);
            let run = (width - column).min(rest.len() as u64);
            let (part, after) = rest.split_at_mut(run as usize);
            self.checkpoint.read_at(&self.name, self.first + row * stride + column, part)?;
            (at, rest) = (at + run, after);
        }
        Ok(())
    }

    /// What tells these bytes from others: the file as it is, and where in it they are.
    pub(crate) fn identity(&self) -> String {
        let state = self.checkpoint.state(&self.name);
        format!("{} {state:?} {} {} {} {:?}", self.path().display(), self.name, self.first, self.bytes, self.runs)
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        self.checkpoint.file(&self.name)
    }
}
