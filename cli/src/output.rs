//! Output files that appear when they are complete: written beside their place, synchronized, renamed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use anyhow::{Context, Result, bail, ensure};
use tempfile::NamedTempFile;

use crate::interrupt;

/// Buffers between the backend and the writer.
const QUEUE: usize = 3;

/// A file that is being written under another name.
pub(crate) struct Output {
    path: PathBuf,
    file: NamedTempFile,
}

impl Output {
    /// Begins to write `path`, which is left alone until [`Output::finish`].
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let place = || format!("cannot write {}", path.display());
        ensure!(!path.is_dir(), "{}: it is a directory; give a file name", place());
        let folder = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => bail!("{}: it has no name; give a file name", place()),
        };
        ensure!(folder.is_dir(), "{}: there is no directory {}; create it", place(), folder.display());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".wginit-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What a file of this name would have had; the umask is applied to it.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder).with_context(place)?;
        Ok(Self { path: path.to_owned(), file })
    }

    pub(crate) fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Makes the file durable and gives it its name.
    pub(crate) fn finish(self) -> Result<()> {
        let place = || format!("cannot write {}", self.path.display());
        interrupt::check()?;
        self.file.as_file().sync_all().with_context(place)?;
        self.file.persist(&self.path).map_err(|error| error.error).with_context(place)?;
        #[cfg(unix)]
        if let Some(folder) = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            File::open(folder).and_then(|folder| folder.sync_all()).with_context(place)?;
        }
        Ok(())
    }
}

/// Writes what `produce` gives to its sink, on a thread of its own, so that computing and writing overlap. Stops between
/// two chunks when the run is interrupted.
pub(crate) fn write_overlapped(
    writer: impl Write + Send,
    produce: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>,
) -> Result<()> {
    let (full, to_write) = sync_channel::<Vec<u8>>(QUEUE);
    let (used, spare) = sync_channel::<Vec<u8>>(QUEUE + 2);
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || -> std::io::Result<()> {
            let mut writer = BufWriter::new(writer);
            for bytes in to_write {
                writer.write_all(&bytes)?;
                // Where the producer is done, nobody takes buffers back.
                let _ = used.try_send(bytes);
            }
            writer.flush()
        });
        let produced = produce(&mut |bytes| {
            interrupt::check()?;
            let mut buffer = spare.try_recv().unwrap_or_default();
            buffer.clear();
            buffer.extend_from_slice(bytes);
            full.send(buffer).ok().context("writing stopped")
        });
        drop(full);
        let written = writing.join().map_err(|_| anyhow::anyhow!("the writer failed"))?;
        // Where writing failed, the producer's error only says that nobody listened.
        written?;
        produced
    })
}
