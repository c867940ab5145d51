//! Buffers for chunks, aligned in memory as in the file, so that a disk can take their pages from where they are.

use std::ops::{Deref, DerefMut};

/// Alignment that every disk takes: at least its blocks, and the pages of the system.
pub(crate) const PAGE: usize = 4096;

/// Bytes that begin `phase` bytes after an address that is a multiple of [`PAGE`].
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    storage: Vec<u8>,
    phase: usize,
    start: usize,
    len: usize,
}

impl Buffer {
    /// Copies `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut buffer = Self::default();
        buffer.reset(bytes.len());
        buffer.copy_from_slice(bytes);
        buffer
    }

    /// Makes it `len` bytes long; what they are is not said.
    pub(crate) fn reset(&mut self, len: usize) {
        // The pages that the first and the last byte are in may both be used in part.
        let needed = len + 2 * PAGE;
        if self.storage.len() < needed {
            self.storage = vec![0; needed];
        }
        self.start = self.storage.as_ptr().align_offset(PAGE) + self.phase;
        self.len = len;
    }

    /// Empties it, for bytes that lie at `phase` modulo [`PAGE`] in the file.
    pub(crate) fn set_phase(&mut self, phase: usize) {
        self.phase = phase % PAGE;
        self.len = 0;
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.storage[self.start..self.start + self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.storage[self.start..self.start + self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_lie_where_they_should() {
        let mut buffer = Buffer::default();
        assert!(buffer.is_empty());
        for (phase, len) in [(0, 0), (0, 1), (17, 5 * PAGE), (PAGE - 1, 2), (2 * PAGE + 3, 70_000), (8, 9)] {
            buffer.set_phase(phase);
            assert!(buffer.is_empty());
            buffer.reset(len);
            assert_eq!(buffer.len(), len);
            buffer.fill(1);
            assert_eq!(buffer.as_ptr() as usize % PAGE, phase % PAGE);
        }
        assert_eq!(*Buffer::of(b"bytes"), *b"bytes");
    }
}
