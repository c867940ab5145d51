//! Output files that appear when they are complete: written beside their destination, synchronized, renamed.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use fs4::{FileExt, TryLockError};

use crate::interrupt::{self, Unfinished};
use crate::limits;
use crate::output::attributes;
use crate::output::direct::Direct;
use crate::output::exclusive::{self, Access};
use crate::output::identity::Identity;
use crate::output::journal::{self, Journal};
use crate::progress::{self, note};

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
}

impl Output {
    /// Begins to write `bytes` bytes to `given`, which is left alone until [`Output::finish`].
    pub(crate) fn create(given: &Path, bytes: u64) -> Result<Self> {
        limits::check_file_size(given, bytes)?;
        let output = Self::open(given, false)?;
        output.check_space(bytes)?;
        Ok(output)
    }

    /// The same, going on where an interrupted run of the same job was; what is written is kept if this run is
    /// interrupted.
    pub(crate) fn resume(given: &Path, bytes: u64, job: &Identity) -> Result<Self> {
        limits::check_file_size(given, bytes)?;
        let mut output = Self::open(given, true)?;
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
                // Nothing that could be gone on with: until there is a journal, it goes if this fails.
                *interrupt::unfinished() = Unfinished::Removed(output.part.clone());
                forget_journal(&output.part).with_context(|| failed(given))?;
                output.file.set_len(0).with_context(|| failed(given))?;
                output.check_space(bytes)?;
                Journal::create(&name, job).with_context(|| failed(given))?
            }
        });
        *interrupt::unfinished() = Unfinished::Kept;
        Ok(output)
    }

    /// Makes the partial file of `given` and locks it, or, to go on, opens that of an earlier run.
    fn open(given: &Path, goes_on: bool) -> Result<Self> {
        let destination = destination(given)?;
        let part = part(&destination);
        loop {
            let known = exclusive::open(&part, OpenOptions::new().write(true)).with_context(|| failed(given))?;
            let (file, is_new) = match known {
                Some(file) => (file, false),
                None => {
                    // What replaces a file that not everybody may read is not for everybody meanwhile.
                    let access = if destination.exists() { Access::Private } else { Access::Usual };
                    let mut unfinished = interrupt::unfinished();
                    match exclusive::create(&part, access) {
                        Ok(file) => {
                            *unfinished = Unfinished::Removed(part.clone());
                            (file, true)
                        }
                        Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                        Err(error) => return Err(error).with_context(|| failed(given)),
                    }
                }
            };
            let locked = FileExt::try_lock(&file);
            if matches!(locked, Err(TryLockError::WouldBlock)) {
                // Also one that was new: whoever was quicker has it now.
                *interrupt::unfinished() = Unfinished::Nothing;
                bail!(
                    "{}: another run of weightinit is writing it; wait until it ends, or give another name",
                    failed(given)
                );
            }
            // Some file systems have no locks. Between opening and locking, the other run may have given the file its
            // name.
            if !exclusive::is_named(&file, &part).with_context(|| failed(given))? {
                *interrupt::unfinished() = Unfinished::Nothing;
                continue;
            }
            if !is_new && !goes_on {
                // What an earlier run has left. The journal first: it must not speak about other contents.
                forget_journal(&part).and_then(|()| exclusive::remove(&part)).with_context(|| failed(given))?;
                continue;
            }
            if !is_new {
                // Also where this is refused: it may be what another command is to go on with.
                *interrupt::unfinished() = Unfinished::Kept;
            }
            let output = Self { given: given.to_owned(), destination, part, file, journal: None, done: 0 };
            if !goes_on {
                forget_journal(&output.part).with_context(|| failed(given))?;
            }
            return Ok(output);
        }
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
        let given = self.given.clone();
        let finished = || failed(&given);
        if self.destination.exists() {
            for lost in attributes::copy(&self.destination, &self.file).with_context(finished)? {
                note(&format!("{}: {lost} cannot be kept", given.display()));
            }
        }
        self.file.sync_all().with_context(finished)?;
        let mut unfinished = interrupt::unfinished();
        ensure!(
            exclusive::is_named(&self.file, &self.part).with_context(finished)?,
            "{}: {} was removed or replaced meanwhile; leave it alone, and try again",
            failed(&given),
            self.part.display()
        );
        // Opened before the file has its name: there may be no handle left for it.
        let folder = open_folder(&self.destination).with_context(finished)?;
        std::fs::rename(&self.part, &self.destination).with_context(finished)?;
        *unfinished = Unfinished::Complete;
        folder.map_or(Ok(()), |folder| folder.sync_all()).with_context(finished)?;
        if self.journal.take().is_some() {
            std::fs::remove_file(journal::name(&self.part)).with_context(finished)?;
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let mut unfinished = interrupt::unfinished();
        // While it is locked, so that no other run's file is removed. There is nobody to tell if it fails.
        if let Unfinished::Removed(part) = &*unfinished
            && exclusive::is_named(&self.file, part).unwrap_or(false)
        {
            let _ = std::fs::remove_file(part);
        }
        if !matches!(*unfinished, Unfinished::Complete) {
            *unfinished = Unfinished::Nothing;
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
pub(crate) fn failed(given: &Path) -> String {
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

/// What the name of a partial file ends with.
const PART: &str = ".weightinit-part";

/// The name of the partial file for `destination`: always the same, so that two runs meet there.
fn part(destination: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(destination.file_name().unwrap_or_default());
    name.push(PART);
    destination.with_file_name(name)
}

/// What a partial file will be called.
pub(crate) fn original(part: &str) -> Option<&str> {
    part.strip_prefix('.')?.strip_suffix(PART)
}

/// Removes what runs that were killed have left beside a file that is complete.
pub(crate) fn clear(given: &Path) -> Result<()> {
    let part = part(&destination(given)?);
    if part.symlink_metadata().is_ok() || journal::name(&part).symlink_metadata().is_ok() {
        // As a new run does it that gives up at once.
        drop(Output::open(given, false)?);
    }
    Ok(())
}

/// Removes the journal of an earlier run, if there is one.
fn forget_journal(part: &Path) -> std::io::Result<()> {
    if exclusive::remove(&journal::name(part))? { sync_folder(part) } else { Ok(()) }
}

/// Makes the names in the folder of `path` durable.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    open_folder(path)?.map_or(Ok(()), |folder| folder.sync_all())
}

/// The folder of `path`, where systems have handles of folders.
fn open_folder(path: &Path) -> std::io::Result<Option<File>> {
    if cfg!(unix) { File::open(folder(path)).map(Some) } else { Ok(None) }
}
