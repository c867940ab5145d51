//! Journals of resumable runs: which job a partial file belongs to, and how much of it is on disk.
//!
//! The first line is the job as JSON. Each further line is a number of bytes that were on disk when it was written; one
//! without its line break is not complete and does not count.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::output::exclusive::{self, Access};
use crate::output::identity::Identity;

/// Bytes between two lines: what is lost at most, and what the disk is waited for.
pub(crate) const INTERVAL: u64 = 64 << 20;

/// Bytes of a journal that is read: more than any has.
const MOST_BYTES: u64 = 256 << 20;

/// An open journal.
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Begins the journal of `job`.
    pub(crate) fn create(path: &Path, job: &Identity) -> std::io::Result<Self> {
        let mut file = exclusive::create(path, Access::Private)?;
        let begun = serde_json::to_string(job).map_err(std::io::Error::other);
        match begun.and_then(|begun| writeln!(file, "{begun}")).and_then(|()| file.sync_all()) {
            Ok(()) => Ok(Self { file }),
            Err(error) => {
                // It says nothing. There is nobody to tell if it cannot be removed.
                let _ = std::fs::remove_file(path);
                Err(error)
            }
        }
    }

    /// The job of the journal and the bytes that are on disk, if there is a journal that says so.
    pub(crate) fn read(path: &Path) -> std::io::Result<Option<(Identity, u64)>> {
        let Some(file) = exclusive::open(path, OpenOptions::new().read(true))? else { return Ok(None) };
        if file.metadata()?.len() > MOST_BYTES {
            let message = format!("{} is no journal of weightinit; remove it", path.display());
            return Err(std::io::Error::new(ErrorKind::InvalidData, message));
        }
        // As a stream: what is no journal ends with its first byte.
        let mut text = BufReader::new(file.take(MOST_BYTES));
        let job = serde_json::Deserializer::from_reader(&mut text).into_iter().next();
        let Some(Ok(job)) = job else { return Ok(None) };
        let (mut done, mut line) = (0, Vec::new());
        while text.read_until(b'\n', &mut line)? > 0 {
            let number = line.strip_suffix(b"\n").and_then(|line| str::from_utf8(line).ok());
            done = number.and_then(|number| number.parse().ok()).unwrap_or(done);
            line.clear();
        }
        Ok(Some((job, done)))
    }

    /// Goes on with a journal.
    pub(crate) fn reopen(path: &Path) -> std::io::Result<Self> {
        let file = exclusive::open(path, OpenOptions::new().append(true))?;
        let mut file = file.ok_or(ErrorKind::NotFound)?;
        // An incomplete line ends here; it is no number with this before its end.
        file.write_all(b"-\n")?;
        Ok(Self { file })
    }

    /// Notes that `bytes` bytes are on disk.
    pub(crate) fn record(&mut self, bytes: u64) -> std::io::Result<()> {
        writeln!(self.file, "{bytes}")?;
        self.file.sync_data()
    }
}

/// The journal's name beside the partial file.
pub(crate) fn name(part: &Path) -> PathBuf {
    part.with_extension("weightinit-journal")
}
