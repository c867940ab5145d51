//! What is read: files on disks, and objects in stores.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use crate::store::address::is_remote;
use crate::store::{self, Reader};

/// A file that is read, or an object.
pub(crate) enum Opened {
    File(File),
    Object(Reader),
}

/// Bytes, and when it was changed.
pub(crate) type State = (u64, Option<SystemTime>);

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

impl Opened {
    /// What it is now; of an object, what it was when it was opened, as which alone it is read.
    pub(crate) fn state(&self) -> io::Result<State> {
        match self {
            Self::File(file) => file.metadata().map(|metadata| (metadata.len(), metadata.modified().ok())),
            Self::Object(object) => Ok((object.state().bytes, Some(object.state().modified))),
        }
    }

    pub(crate) fn length(&self) -> io::Result<u64> {
        self.state().map(|(length, _)| length)
    }
}

impl Read for Opened {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(bytes),
            Self::Object(object) => object.read(bytes),
        }
    }
}

impl Seek for Opened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Object(object) => object.seek(to),
        }
    }
}

/// Whether a path is a folder's: in a store, of which nobody needs to make any, by its name.
pub(crate) fn is_folder(path: &Path) -> bool {
    let is_file_name = || path.extension().is_some_and(|extension| extension == "safetensors" || extension == "json");
    if is_remote(path) { !is_file_name() || ends_with_slash(path) } else { path.is_dir() }
}

/// Whether a path ends as only a folder's name does.
pub(crate) fn ends_with_slash(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}

/// Names in a folder, sorted. Those that are no UTF-8 are left out: no file of ours has one.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    let failed = || format!("cannot read the folder {}", folder.display());
    let mut names = Vec::new();
    if let Some(object) = store::object(folder)? {
        names.extend(object.list().with_context(failed)?.into_iter().map(|(name, _)| name));
    } else {
        for entry in std::fs::read_dir(folder).with_context(failed)? {
            names.extend(entry.with_context(failed)?.file_name().into_string());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether there is a file or an object of that name.
pub(crate) fn exists(path: &Path) -> Result<bool> {
    let failed = || format!("cannot read {}", path.display());
    match store::object(path)? {
        Some(object) => Ok(object.find().with_context(failed)?.is_some()),
        None => path.try_exists().with_context(failed),
    }
}

/// Whether a path is a file's or an object's. Where that cannot be told it is an error, and not as if there were none.
pub(crate) fn is_file(path: &Path) -> Result<bool> {
    Ok(exists(path)? && (is_remote(path) || path.is_file()))
}

/// Opens what is read: an object, or a file, since anything else could be waited for without end.
pub(crate) fn open(path: &Path) -> Result<Opened> {
    if let Some(object) = store::object(path)? {
        return Reader::open(object, path).map(Opened::Object);
    }
    let failed = || format!("cannot open {}", path.display());
    let mut options = File::options();
    options.read(true);
    // A pipe would be waited for here until somebody writes to it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits() as i32);
    let file = options.open(path).with_context(failed)?;
    let metadata = file.metadata().with_context(failed)?;
    ensure!(!metadata.is_dir(), "{}: it is a directory; give a file", failed());
    ensure!(metadata.is_file(), "{}: it is no ordinary file; give one, or a spec as - on stdin", failed());
    Ok(Opened::File(file))
}
