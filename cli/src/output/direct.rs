//! Writes a file past the system's cache, where there is a way: the processors, which compute the next bytes meanwhile,
//! need not copy those that are done, and a large model does not drive out what else is cached. Llama 3.2 1B takes 0.6
//! of the time so (docs/performance.md).

use std::fs::File;
use std::io::{self, ErrorKind, Write};

use crate::output::buffer::{Buffer, PAGE};

/// Bytes that are put together before they are written, where they do not lie in memory as in the file.
const STAGE: usize = 1 << 20;

/// A file that is written from one offset on. What is not yet a whole page waits for the rest of it, or for
/// [`Write::flush`].
pub(crate) struct Direct<'a> {
    file: &'a File,
    /// Whether the file takes whole pages only.
    direct: bool,
    /// Bytes at the beginning of the file that the system has.
    written: u64,
    /// From `written` modulo [`PAGE`] on, the next `staged` bytes.
    stage: Buffer,
    staged: usize,
}

impl<'a> Direct<'a> {
    /// For `file`, whose position is `offset`.
    pub(crate) fn new(file: &'a File, offset: u64) -> Self {
        let mut stage = Buffer::default();
        let direct = set_direct(file, true);
        if direct {
            stage.reset(PAGE + STAGE, 0);
        }
        Self { file, direct, written: offset, stage, staged: 0 }
    }

    /// Where the next byte goes.
    pub(crate) fn offset(&self) -> u64 {
        self.written + self.staged as u64
    }

    /// The offset of the next byte in its page.
    fn phase(&self) -> usize {
        (self.written % PAGE as u64) as usize
    }

    fn write_staged(&mut self) -> io::Result<()> {
        while self.staged > 0 {
            let phase = self.phase();
            let stage = std::mem::take(&mut self.stage);
            let put = self.put(&stage[phase..phase + self.staged]);
            self.stage = stage;
            match put {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.staged -= count;
                    let (rest, phase) = (phase + count, self.phase());
                    self.stage.copy_within(rest..rest + self.staged, phase);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Hands some of `bytes` to the system: whole pages if there are any, else what belongs to one page.
    fn put(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (phase, pages) = (self.phase(), bytes.len() / PAGE * PAGE);
        let written = if !self.direct {
            self.file.write(bytes)
        } else if phase == 0 && pages > 0 {
            match self.file.write(&bytes[..pages]) {
                // Some file systems agree first, and then want something else.
                Err(error) if error.kind() == ErrorKind::InvalidInput => {
                    self.set_direct(false);
                    self.file.write(bytes)
                }
                written => written,
            }
        } else {
            self.set_direct(false);
            let written = self.file.write(&bytes[..bytes.len().min(PAGE - phase)]);
            self.set_direct(true);
            written
        };
        let count = written?;
        self.written += count as u64;
        Ok(count)
    }

    fn set_direct(&mut self, direct: bool) {
        self.direct = set_direct(self.file, direct) && direct;
    }
}

impl Write for Direct<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.direct {
            self.write_staged()?;
            return self.put(bytes);
        }
        let end = self.phase() + self.staged;
        let congruent = bytes.as_ptr() as usize % PAGE == end % PAGE;
        if congruent && end == 0 && bytes.len() >= PAGE {
            return self.put(bytes);
        }
        // Up to where bytes can be written from where they are, or else as many as there is room for.
        let room = if congruent { PAGE - end % PAGE } else { PAGE + STAGE - end };
        let count = bytes.len().min(room);
        self.stage[end..end + count].copy_from_slice(&bytes[..count]);
        self.staged += count;
        if count == room {
            self.write_staged()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_staged()
    }
}

/// Whether the file does now as is asked.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn set_direct(file: &File, direct: bool) -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let set = |mut flags: OFlags| {
        flags.set(OFlags::DIRECT, direct);
        fcntl_setfl(file, flags)
    };
    fcntl_getfl(file).and_then(set).is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn set_direct(_: &File, direct: bool) -> bool {
    !direct
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::{Seek, SeekFrom};

    use super::*;
    use crate::testing::random;

    /// Writes pieces of every size and alignment from `offset` on, after one of them through the cache: what the file
    /// should be.
    fn write(file: &mut File, offset: u64, seed: u64, gives_up: usize) -> Vec<u8> {
        let mut expected = vec![7; offset as usize];
        file.write_all(&expected).unwrap();
        file.set_len(offset).unwrap();
        file.seek(SeekFrom::Start(offset)).unwrap();
        let mut direct = Direct::new(file, offset);
        let (sizes, phases) = (random(seed, 60, 1 << 20), random(!seed, 60, 2));
        for (number, (&size, &phase)) in sizes.iter().zip(&phases).enumerate() {
            let mut piece = Buffer::default();
            // Where it lies in the file, or anywhere.
            let offset = if phase == 0 { expected.len() } else { size % 5 };
            piece.reset(if number == 30 { STAGE * 5 / 2 } else { size >> (number % 20) }, offset as u64);
            piece.iter_mut().enumerate().for_each(|(i, byte)| *byte = (i * 7 + number) as u8);
            direct.write_all(&piece).unwrap();
            expected.extend_from_slice(&piece);
            assert_eq!(direct.offset(), expected.len() as u64);
            if number == gives_up {
                direct.set_direct(false);
            }
        }
        direct.flush().unwrap();
        assert_eq!(direct.staged, 0);
        expected
    }

    /// Past the cache where the folder's file system lets one, and through it where memory is the file system.
    #[test]
    fn files_are_what_was_written() {
        let folders = [std::env::temp_dir(), "/dev/shm".into()];
        for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
            for (seed, offset) in [0, 1, 4095, 4096, 4104, 1_000_000].into_iter().enumerate() {
                let path = tempfile::NamedTempFile::new_in(&folder).unwrap();
                let mut file = OpenOptions::new().write(true).open(&path).unwrap();
                let gives_up = if seed % 2 == 0 { usize::MAX } else { 12 * seed };
                let expected = write(&mut file, offset, seed as u64, gives_up);
                assert!(std::fs::read(&path).unwrap() == expected, "{} from {offset} on", folder.display());
            }
        }
    }

    /// What the system refuses is told, and does not count.
    #[test]
    fn failures_are_told() {
        let path = tempfile::NamedTempFile::new().unwrap();
        let file = File::open(&path).unwrap();
        let mut direct = Direct::new(&file, 0);
        let written = direct.write_all(&vec![1; 3 * STAGE]).and_then(|()| direct.flush());
        assert!(written.is_err() && direct.written == 0);
    }
}
