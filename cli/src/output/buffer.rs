//! Bytes of chunks, aligned in memory as in the file where they can be, so that a disk can take their pages from where
//! they are.

use std::ops::{Deref, DerefMut};

/// Alignment that every disk takes: at least its blocks, and the pages of the system.
pub(crate) const PAGE: usize = 4096;

/// What a backend has computed: in a buffer, or where the backend has it.
#[derive(Default)]
pub(crate) struct Bytes {
    own: Buffer,
    lent: Option<Box<dyn AsRef<[u8]> + Send>>,
}

impl Bytes {
    /// Copies `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut own = Buffer::default();
        own.reset(bytes.len(), 0);
        own.copy_from_slice(bytes);
        Self { own, lent: None }
    }

    /// Lends `bytes`, which are given back when they are dropped.
    pub(crate) fn lend(&mut self, bytes: impl AsRef<[u8]> + Send + 'static) {
        self.lent = Some(Box::new(bytes));
    }

    /// The buffer. What was lent is given back.
    pub(crate) fn own(&mut self) -> &mut Buffer {
        self.lent = None;
        &mut self.own
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.lent.as_deref().map_or(&self.own, AsRef::as_ref)
    }
}

/// Bytes that begin in a page where they do in the file.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    storage: Vec<u8>,
    start: usize,
    len: usize,
}

impl Buffer {
    /// Makes it `len` bytes long, for `offset` in the file; what they are is not said.
    pub(crate) fn reset(&mut self, len: usize, offset: u64) {
        // The pages that the first and the last byte are in may both be used in part.
        let needed = len + 2 * PAGE;
        if self.storage.len() < needed {
            self.storage = vec![0; needed];
        }
        self.start = self.storage.as_ptr().align_offset(PAGE) + (offset % PAGE as u64) as usize;
        self.len = len;
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
        for (offset, len) in [(0, 0), (0, 1), (17, 5 * PAGE), (PAGE - 1, 2), (2 * PAGE + 3, 70_000), (8, 9)] {
            buffer.reset(len, offset as u64);
            assert_eq!(buffer.len(), len);
            buffer.fill(1);
            assert_eq!(buffer.as_ptr() as usize % PAGE, offset % PAGE);
        }
        assert_eq!(*Bytes::of(b"bytes"), *b"bytes");
    }

    #[test]
    fn lent_bytes_are_given_back_before_others_are_written() {
        let lent = std::sync::Arc::new(vec![1, 2, 3]);
        let mut bytes = Bytes::of(b"own");
        bytes.lend(Lent(lent.clone()));
        assert_eq!(*bytes, [1, 2, 3]);
        bytes.own().reset(2, 0);
        assert_eq!((bytes.len(), std::sync::Arc::strong_count(&lent)), (2, 1));
    }

    struct Lent(std::sync::Arc<Vec<u8>>);

    impl AsRef<[u8]> for Lent {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
}
