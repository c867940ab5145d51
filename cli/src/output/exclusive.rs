//! Files that are this program's alone: neither links nor pipes nor devices, and by one name. In a folder that others
//! write, a name could lead to what is theirs.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Who may read and write a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever the process lets by its umask.
    Usual,
    /// Its owner alone.
    Private,
}

/// Makes a file that was not there.
pub(crate) fn create(path: &Path, access: Access) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if access == Access::Private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = access;
    options.open(path)
}

/// Opens the file by `options`, if there is one; whatever is no ordinary file of one name is refused, unopened.
pub(crate) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<Option<File>> {
    if !is_there(path)? {
        return Ok(None);
    }
    // What took its place since then is not followed and not waited for.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, {
        use rustix::fs::OFlags;
        (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32
    });
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(naming(path, error)),
    };
    check(path, &file.metadata()?)?;
    Ok(Some(file))
}

/// Removes the file, if there is one.
pub(crate) fn remove(path: &Path) -> io::Result<bool> {
    let is_there = is_there(path)?;
    if is_there {
        std::fs::remove_file(path).map_err(|error| naming(path, error))?;
    }
    Ok(is_there)
}

/// Whether `path` is the name of this file.
pub(crate) fn is_named(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let own = file.metadata()?;
        // Not by opening it: its permissions may forbid that.
        Ok(std::fs::symlink_metadata(path).is_ok_and(|named| (named.dev(), named.ino()) == (own.dev(), own.ino())))
    }
    #[cfg(not(unix))]
    {
        let own = same_file::Handle::from_file(file.try_clone()?)?;
        Ok(same_file::Handle::from_path(path).is_ok_and(|named| named == own))
    }
}

/// Whether there is a file of that name; whatever else has it is refused.
fn is_there(path: &Path) -> io::Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => check(path, &metadata).map(|()| true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(naming(path, error)),
    }
}

fn check(path: &Path, metadata: &Metadata) -> io::Result<()> {
    let refused = |what: &str| {
        let message = format!("{} is {what}; remove it", path.display());
        Err(io::Error::new(ErrorKind::AlreadyExists, message))
    };
    if !metadata.is_file() {
        return refused("no ordinary file");
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(metadata) > 1 {
        return refused("another name of a file (a hard link)");
    }
    Ok(())
}

fn naming(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
