//! What is written: a file on a disk, or an object in a store. Both appear when they are complete.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::output::identity::Identity;
use crate::output::partial;
use crate::store::address::is_remote;
use crate::store::{self, Upload};

/// A file or an object that is being written.
pub(crate) enum Output {
    File(partial::Output),
    /// With the name that was given.
    Object(PathBuf, Box<dyn Upload>),
}

impl Output {
    /// Begins to write `bytes` bytes to `given`, which is left alone until [`Output::finish`].
    pub(crate) fn create(given: &Path, bytes: u64) -> Result<Self> {
        match store::object(given)? {
            None => partial::Output::create(given, bytes).map(Self::File),
            Some(object) => {
                let upload = object.upload(bytes).with_context(|| partial::failed(given))?;
                Ok(Self::Object(given.to_owned(), upload))
            }
        }
    }

    /// The same, going on where an interrupted run of the same job was, if there is something to go on with: an upload
    /// is all or nothing.
    pub(crate) fn resume(given: &Path, bytes: u64, job: &Identity) -> Result<Self> {
        if is_remote(given) {
            Self::create(given, bytes)
        } else {
            partial::Output::resume(given, bytes, job).map(Self::File)
        }
    }

    /// Bytes at the beginning that need not be written again.
    pub(crate) fn done(&self) -> u64 {
        match self {
            Self::File(file) => file.done(),
            Self::Object(..) => 0,
        }
    }

    /// Writes it from byte `start` on, which is the first of an object.
    pub(crate) fn writer(&mut self, start: u64) -> Result<Box<dyn Write + Send + '_>> {
        match self {
            Self::File(file) => Ok(Box::new(file.writer(start)?)),
            Self::Object(_, upload) => Ok(Box::new(upload)),
        }
    }

    /// Gives it its name.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::File(file) => file.finish(),
            Self::Object(given, upload) => upload.finish().with_context(|| partial::failed(&given)),
        }
    }
}

/// Writes a short text to `path` as other files are written.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<()> {
    let mut output = Output::create(path, text.len() as u64)?;
    let mut write = || -> Result<()> {
        let mut writer = output.writer(0)?;
        writer.write_all(text.as_bytes())?;
        Ok(writer.flush()?)
    };
    write().with_context(|| partial::failed(path))?;
    output.finish()
}

/// Removes what runs that were killed have left beside a file that is complete. Parts of objects are the store's to
/// remove.
pub(crate) fn clear(path: &Path) -> Result<()> {
    if is_remote(path) { Ok(()) } else { partial::clear(path) }
}
