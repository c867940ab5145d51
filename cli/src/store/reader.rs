//! An object as a file that is read.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result};

use super::{Object, State};

/// Bytes of a request at least, and what it grows to as long as one is asked for after the other: small tensors lie
/// beside each other.
const AHEAD: [usize; 2] = [1 << 16, 8 << 20];

/// An object that is read by ranges.
pub(crate) struct Reader {
    object: Box<dyn Object>,
    state: State,
    at: u64,
    /// Bytes that were read ahead, and where they begin.
    window: (u64, Vec<u8>),
}

impl Reader {
    /// Of the object that `path` names, or nothing where there is none.
    pub(crate) fn open(object: Box<dyn Object>, path: &Path) -> Result<Self> {
        let failed = || format!("cannot open {}", path.display());
        let state = object.find().with_context(failed)?;
        let state = state.with_context(|| format!("{}: there is no such object", failed()))?;
        Ok(Self { object, state, at: 0, window: (0, Vec::new()) })
    }

    /// What it was when it was opened.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    fn fetch(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.object.read(&self.state, self.at, bytes).map_err(io::Error::other)
    }
}

impl Read for Reader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.state.bytes.saturating_sub(self.at);
        let count = left.min(bytes.len() as u64) as usize;
        if count == 0 {
            return Ok(0);
        }
        let ahead = self.at.checked_sub(self.window.0).and_then(|skip| self.window.1.get(skip as usize..));
        let count = match ahead.filter(|ahead| !ahead.is_empty()) {
            Some(ahead) => {
                let count = count.min(ahead.len());
                bytes[..count].copy_from_slice(&ahead[..count]);
                count
            }
            None if count >= AHEAD[1] => {
                self.fetch(&mut bytes[..count])?;
                count
            }
            None => {
                let mut window = std::mem::take(&mut self.window.1);
                let goes_on = self.at == self.window.0 + window.len() as u64;
                let ahead = if goes_on { (4 * window.len()).clamp(AHEAD[0], AHEAD[1]) } else { AHEAD[0] };
                window.resize(left.min(ahead.max(count) as u64) as usize, 0);
                self.fetch(&mut window)?;
                bytes[..count].copy_from_slice(&window[..count]);
                self.window = (self.at, window);
                count
            }
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.state.bytes.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::store::Upload;
    use crate::testing::random;

    /// An object that counts how often it is read.
    struct Counted(Vec<u8>, Arc<AtomicUsize>);

    impl Object for Counted {
        fn list(&self) -> Result<Vec<(String, u64)>> {
            Ok(Vec::new())
        }

        fn find(&self) -> Result<Option<State>> {
            let (bytes, modified) = (self.0.len() as u64, std::time::SystemTime::UNIX_EPOCH);
            Ok(Some(State { bytes, modified, tag: None }))
        }

        fn read(&self, _: &State, start: u64, bytes: &mut [u8]) -> Result<()> {
            self.1.fetch_add(1, Ordering::Relaxed);
            bytes.copy_from_slice(&self.0[start as usize..start as usize + bytes.len()]);
            Ok(())
        }

        fn claim(&self) -> Result<bool> {
            Ok(false)
        }

        fn remove(&self) -> Result<()> {
            Ok(())
        }

        fn upload(&self, _: u64) -> Result<Box<dyn Upload>> {
            anyhow::bail!("it is only read")
        }
    }

    fn reader(bytes: Vec<u8>) -> (Reader, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        (Reader::open(Box::new(Counted(bytes, Arc::clone(&count))), Path::new("memory://a/b")).unwrap(), count)
    }

    /// Small pieces one after the other take few requests, a large one takes one, and nothing is read twice.
    #[test]
    fn objects_are_read_in_few_requests() {
        let bytes: Vec<u8> = (0..40_000_000_u32).map(|at| (at / 3) as u8).collect();
        let (mut reader, count) = reader(bytes.clone());
        let mut piece = vec![0; 1000];
        for expected in bytes.chunks(1000) {
            reader.read_exact(&mut piece[..expected.len()]).unwrap();
            assert!(piece[..expected.len()] == *expected);
        }
        assert_eq!((reader.read(&mut piece).unwrap(), count.swap(0, Ordering::Relaxed)), (0, 9));
        let mut large = vec![0; 30_000_000];
        reader.seek(SeekFrom::Start(5)).unwrap();
        reader.read_exact(&mut large).unwrap();
        assert!(large == bytes[5..30_000_005] && count.load(Ordering::Relaxed) == 1);
    }

    #[test]
    fn any_piece_of_an_object_can_be_read() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|at| (at / 7) as u8).collect();
        let (mut reader, _) = reader(bytes.clone());
        for (start, length) in random(1, 200, bytes.len()).into_iter().zip(random(2, 200, 100_000)) {
            let end = bytes.len().min(start + length);
            let mut piece = vec![0; end - start];
            assert_eq!(reader.seek(SeekFrom::Start(start as u64)).unwrap(), start as u64);
            reader.read_exact(&mut piece).unwrap();
            assert!(piece == bytes[start..end], "{start}..{end}");
        }
        reader.seek(SeekFrom::End(5)).unwrap();
        assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0);
    }
}
