//! Output files that appear when they are complete: written beside their destination, synchronized, renamed.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use fs4::{FileExt, TryLockError};
use same_file::Handle;

use crate::interrupt;
use crate::output::direct::Direct;
use crate::output::journal::{self, Journal};
use crate::progress;

/// A file that is being written under another name, which no other run writes meanwhile.
pub(crate) struct Output {
    /// The name that was given, for messages.
    given: PathBuf,
    destination: PathBuf,
    part: PathBuf,
    file: File,
    journal: Option<Journal>,
    /// Bytes at the beginning that an earlier run has written.
    done: u64,
    /// Whether the partial file stays when this is dropped.
    keep: bool,
}

impl Output {
    /// Begins to write `bytes` bytes to `given`, which is left alone until [`Output::finish`].
    pub(crate) fn create(given: &Path, bytes: u64) -> Result<Self> {
        let mut output = Self::open(given)?;
        output.start_anew()?;
        output.check_space(bytes)?;
        Ok(output)
    }

    /// The same, going on where an interrupted run of the same job was; what is written is kept if this run is
    /// interrupted.
    pub(crate) fn resume(given: &Path, bytes: u64, job: &journal::Identity) -> Result<Self> {
        let mut output = Self::open(given)?;
        // Also where this is refused: it may be what another command is to go on with.
        output.keep = true;
        let name = journal::name(&output.part);
        let length = output.file.metadata().with_context(|| failed(given))?.len();
        let known =
            Journal::read(&name).with_context(|| failed(given))?.filter(|(_, done)| (1..=length).contains(done));
        output.journal = Some(match known {
            Some((begun, done)) => {
                if let Some(difference) = job.difference(&begun) {
                    bail!(
                        "{}: {} was begun {difference}; give what it was begun with, or remove it to start anew",
                        failed(given),
                        output.part.display()
                    );
                }
                output.done = done;
                output.check_space(bytes)?;
                // What is beyond may be half written.
                output.file.set_len(done).with_context(|| failed(given))?;
                Journal::reopen(&name).with_context(|| failed(given))?
            }
            None => {
                output.keep = false;
                output.start_anew()?;
                output.check_space(bytes)?;
                output.keep = true;
                Journal::create(&name, job).with_context(|| failed(given))?
            }
        });
        Ok(output)
    }

    /// Opens the partial file of `given` and locks it.
    fn open(given: &Path) -> Result<Self> {
        let destination = destination(given)?;
        let part = part(&destination);
        let file = loop {
            let file = open_part(&part).with_context(|| failed(given))?;
            match FileExt::try_lock(&file) {
                Err(TryLockError::WouldBlock) => bail!(
                    "{}: another run of weightinit is writing it; wait until it ends, or give another name",
                    failed(given)
                ),
                // Some file systems have no locks.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // Between opening and locking, the other run may have given the file its name.
            let locked = file.try_clone().and_then(Handle::from_file).with_context(|| failed(given))?;
            if Handle::from_path(&part).is_ok_and(|named| named == locked) {
                break file;
            }
        };
        Ok(Self { given: given.to_owned(), destination, part, file, journal: None, done: 0, keep: false })
    }

    /// Forgets what an earlier run has left.
    fn start_anew(&mut self) -> Result<()> {
        // The journal first: it must not speak about other contents.
        match std::fs::remove_file(journal::name(&self.part)) {
            Ok(()) => sync_folder(&self.part).with_context(|| failed(&self.given))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| failed(&self.given)),
        }
        self.file.set_len(0).with_context(|| failed(&self.given))
    }

    /// Refuses what the file system has no room for.
    fn check_space(&self, bytes: u64) -> Result<()> {
        let (needed, folder) = (bytes.saturating_sub(self.done), folder(&self.part));
        // A file system that does not say what it has may have enough.
        let free = fs4::available_space(folder).unwrap_or(u64::MAX);
        ensure!(
            needed <= free,
            "{}: it takes {} ({needed} bytes), {} ({free} bytes) are free in {}; free some space or give another place",
            failed(&self.given),
            progress::size(needed),
            progress::size(free),
            folder.display()
        );
        Ok(())
    }

    /// Bytes at the beginning of the file that need not be written again.
    pub(crate) fn done(&self) -> u64 {
        self.done
    }

    /// Writes the file from byte `start` on.
    pub(crate) fn writer(&mut self, start: u64) -> Result<impl Write + Send> {
        self.file.seek(SeekFrom::Start(start)).with_context(|| failed(&self.given))?;
        let direct = Direct::new(&self.file, start);
        Ok(Recorded { file: &self.file, direct, journal: self.journal.as_mut(), recorded: start })
    }

    /// Makes the file durable and gives it its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        interrupt::check()?;
        let given = self.given.clone();
        self.file.sync_all().with_context(|| failed(&given))?;
        std::fs::rename(&self.part, &self.destination).with_context(|| failed(&given))?;
        self.keep = true;
        sync_folder(&self.destination).with_context(|| failed(&given))?;
        if self.journal.take().is_some() {
            std::fs::remove_file(journal::name(&self.part)).with_context(|| failed(&given))?;
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.keep {
            // While it is locked, so that no other run's file is removed. There is nobody to tell if it fails.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// A partial file, and the journal that is told how much of it is on disk.
struct Recorded<'a> {
    file: &'a File,
    direct: Direct<'a>,
    journal: Option<&'a mut Journal>,
    recorded: u64,
}

impl Recorded<'_> {
    fn record(&mut self) -> std::io::Result<()> {
        let offset = self.direct.offset();
        if let Some(journal) = &mut self.journal
            && offset - self.recorded >= journal::INTERVAL
        {
            self.direct.flush()?;
            self.file.sync_data()?;
            journal.record(offset)?;
            self.recorded = offset;
        }
        Ok(())
    }
}

impl Write for Recorded<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.direct.write(bytes)?;
        self.record()?;
        Ok(count)
    }

    /// A chunk comes by one call: the journal is told of whole ones, since those in part are computed again.
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.direct.write_all(bytes)?;
        self.record()
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.direct.flush()
    }
}

/// What every message about `given` begins with.
fn failed(given: &Path) -> String {
    format!("cannot write {}", given.display())
}

/// Where a file called `given` will be: links are followed, so that they stay.
fn destination(given: &Path) -> Result<PathBuf> {
    ensure!(given.file_name().is_some(), "{}: it has no name; give a file name", failed(given));
    let destination = match std::fs::symlink_metadata(given) {
        Ok(metadata) if metadata.is_symlink() => std::fs::canonicalize(given)
            .with_context(|| format!("{}: it is a link to a file that is not there", failed(given)))?,
        _ => given.to_owned(),
    };
    if let Ok(metadata) = std::fs::metadata(&destination) {
        ensure!(!metadata.is_dir(), "{}: it is a directory; give a file name", failed(given));
        ensure!(metadata.is_file(), "{}: it is no ordinary file; give another name", failed(given));
    }
    let folder = folder(&destination);
    ensure!(folder.is_dir(), "{}: there is no directory {}; create it", failed(given), folder.display());
    Ok(destination)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The name of the partial file for `destination`: always the same, so that two runs meet there.
fn part(destination: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(destination.file_name().unwrap_or_default());
    name.push(".weightinit-part");
    destination.with_file_name(name)
}

fn open_part(part: &Path) -> std::io::Result<File> {
    // In a folder that others write, the name could lead elsewhere.
    if std::fs::symlink_metadata(part).is_ok_and(|metadata| !metadata.is_file()) {
        let message = format!("{} is no ordinary file; remove it", part.display());
        return Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, message));
    }
    OpenOptions::new().write(true).create(true).truncate(false).open(part)
}

/// Makes the names in the folder of `path` durable.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}
