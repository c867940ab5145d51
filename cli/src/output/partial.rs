//! Output files that appear when they are complete: written beside their place, synchronized, renamed.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use anyhow::{Context, Result, bail, ensure};
use fs4::{FileExt, TryLockError};
use same_file::Handle;

use crate::interrupt;
use crate::output::buffer::Bytes;
use crate::output::direct::Direct;
use crate::output::journal::{self, Journal};
use crate::progress;

/// Buffers between the backend and the writer.
const QUEUE: usize = 3;

/// A file that is being written under another name, which no other run writes meanwhile.
pub(crate) struct Output {
    /// The name that was given, for messages.
    given: PathBuf,
    place: PathBuf,
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

    /// The same, going on where an interrupted run of the same job was; what is written is kept if this run is interrupted.
    pub(crate) fn resume(given: &Path, bytes: u64, job: &journal::Job) -> Result<Self> {
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
        let place = place(given)?;
        let part = part(&place);
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
        Ok(Self { given: given.to_owned(), place, part, file, journal: None, done: 0, keep: false })
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
        std::fs::rename(&self.part, &self.place).with_context(|| failed(&given))?;
        self.keep = true;
        sync_folder(&self.place).with_context(|| failed(&given))?;
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
        let place = self.direct.place();
        if let Some(journal) = &mut self.journal
            && place - self.recorded >= journal::INTERVAL
        {
            self.direct.flush()?;
            self.file.sync_data()?;
            journal.record(place)?;
            self.recorded = place;
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
fn place(given: &Path) -> Result<PathBuf> {
    ensure!(given.file_name().is_some(), "{}: it has no name; give a file name", failed(given));
    let place = match std::fs::symlink_metadata(given) {
        Ok(metadata) if metadata.is_symlink() => std::fs::canonicalize(given)
            .with_context(|| format!("{}: it is a link to a file that is not there", failed(given)))?,
        _ => given.to_owned(),
    };
    if let Ok(metadata) = std::fs::metadata(&place) {
        ensure!(!metadata.is_dir(), "{}: it is a directory; give a file name", failed(given));
        ensure!(metadata.is_file(), "{}: it is no ordinary file; give another name", failed(given));
    }
    let folder = folder(&place);
    ensure!(folder.is_dir(), "{}: there is no directory {}; create it", failed(given), folder.display());
    Ok(place)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The name of the partial file for `place`: always the same, so that two runs meet there.
fn part(place: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(".weightinit-part");
    place.with_file_name(name)
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

/// Writes what `produce` gives to its sink, on a thread of its own, so that computing and writing overlap. The sink takes the
/// bytes and leaves a buffer that was written before. Stops between two chunks when the run is interrupted.
pub(crate) fn write_overlapped(
    writer: impl Write + Send,
    produce: impl FnOnce(&mut dyn FnMut(&mut Bytes) -> Result<()>) -> Result<()>,
) -> Result<()> {
    let (full, to_write) = sync_channel::<Bytes>(QUEUE);
    let (used, spare) = sync_channel::<Bytes>(QUEUE + 2);
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || -> std::io::Result<()> {
            let mut writer = BufWriter::new(writer);
            for mut bytes in to_write {
                writer.write_all(&bytes)?;
                bytes.own();
                // Where the producer is done, nobody takes buffers back.
                let _ = used.try_send(bytes);
            }
            writer.flush()
        });
        let produced = produce(&mut |bytes| {
            interrupt::check()?;
            let written = spare.try_recv().unwrap_or_default();
            full.send(std::mem::replace(bytes, written)).ok().context("writing stopped")
        });
        drop(full);
        let written = writing.join().map_err(|_| anyhow::anyhow!("the writer failed"))?;
        // Where writing failed, the producer's error only says that nobody listened.
        written?;
        produced
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::{ends, random};

    /// What goes wrong, and at which chunk or byte.
    #[derive(Clone, Copy, Debug)]
    enum Trouble {
        Nothing,
        WriterFails(usize),
        WriterPanics(usize),
        FlushFails,
        ProducerFails(usize),
        ProducerPanics(usize),
        /// It goes on after its sink has failed.
        ProducerIsDeaf(usize),
        Interrupted(usize),
    }
    use Trouble::*;

    /// Takes a few bytes at a time, slowly.
    struct Slow {
        written: Vec<u8>,
        pace: Vec<usize>,
        trouble: Trouble,
    }

    impl Write for &mut Slow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let pace = self.pace[self.written.len() % self.pace.len()];
            std::thread::sleep(Duration::from_micros(pace as u64 % 200));
            match self.trouble {
                WriterFails(at) | ProducerIsDeaf(at) if self.written.len() >= at => {
                    return Err(std::io::Error::other("the disk is full"));
                }
                WriterPanics(at) if self.written.len() >= at => panic!("a broken writer"),
                _ => {}
            }
            let count = bytes.len().min(1 + pace);
            self.written.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            if matches!(self.trouble, FlushFails) { Err(std::io::Error::other("the disk is full")) } else { Ok(()) }
        }
    }

    /// Gives chunks of any size to the sink.
    fn produce(chunks: &[Vec<u8>], trouble: Trouble, sink: &mut dyn FnMut(&mut Bytes) -> Result<()>) -> Result<()> {
        for (number, chunk) in chunks.iter().enumerate() {
            match trouble {
                ProducerFails(at) if number == at => bail!("the GPU is gone"),
                ProducerPanics(at) if number == at => panic!("a broken producer"),
                Interrupted(at) if number == at => interrupt::set(true),
                _ => {}
            }
            let taken = sink(&mut Bytes::of(chunk));
            if !matches!(trouble, ProducerIsDeaf(_)) {
                taken?;
            }
        }
        Ok(())
    }

    /// Sizes from nothing to several of the writer's buffers.
    fn chunks(seed: u64) -> Vec<Vec<u8>> {
        let sizes = random(seed, 40, 1 << 16);
        sizes.iter().enumerate().map(|(number, &size)| vec![number as u8; size >> (number % 17)]).collect()
    }

    /// What was written, and how it ended.
    fn run(chunks: &[Vec<u8>], seed: u64, trouble: Trouble) -> (Vec<u8>, Result<()>) {
        let mut slow = Slow { written: Vec::new(), pace: random(!seed, 101, 1 << 15), trouble };
        let result = write_overlapped(&mut slow, |sink| produce(chunks, trouble, sink));
        (slow.written, result)
    }

    /// Whatever happens, it comes to an end, what was written is in order, and the error is the one that came first. In one
    /// test, since the interruption is the whole process's.
    #[test]
    fn writing_survives_whatever_happens() {
        for seed in 0..12 {
            let chunks = chunks(seed);
            let whole = chunks.concat();
            let (number, byte) = (random(seed + 100, 1, chunks.len())[0], random(seed + 200, 1, whole.len())[0]);
            for trouble in [
                Nothing,
                WriterFails(byte),
                WriterPanics(byte),
                FlushFails,
                ProducerFails(number),
                ProducerPanics(number),
                ProducerIsDeaf(byte),
                Interrupted(number),
            ] {
                let given = chunks.clone();
                let outcome = ends(move || std::panic::catch_unwind(|| run(&given, seed, trouble)));
                interrupt::set(false);
                let Ok((written, result)) = outcome else {
                    assert!(matches!(trouble, ProducerPanics(_)), "seed {seed}, {trouble:?}");
                    continue;
                };
                assert!(whole.starts_with(&written), "seed {seed}, {trouble:?}: {} bytes", written.len());
                let error = result.err();
                let message = error.as_ref().map(ToString::to_string);
                let expected = match trouble {
                    Nothing => None,
                    WriterFails(_) | FlushFails | ProducerIsDeaf(_) => Some("the disk is full"),
                    WriterPanics(_) => Some("the writer failed"),
                    ProducerFails(_) => Some("the GPU is gone"),
                    ProducerPanics(_) => unreachable!("caught above"),
                    Interrupted(_) => Some("interrupted; nothing was written"),
                };
                assert_eq!(message.as_deref(), expected, "seed {seed}, {trouble:?}");
                let interrupted = error.is_some_and(|error| error.is::<super::interrupt::Interrupted>());
                assert_eq!(interrupted, matches!(trouble, Interrupted(_)));
                let sound = |trouble| matches!(trouble, Nothing | FlushFails);
                assert!(written == whole || !sound(trouble), "seed {seed}, {trouble:?}: {} bytes", written.len());
            }
        }
    }
}
