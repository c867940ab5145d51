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
