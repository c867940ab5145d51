//! An object in parts: several are on their way while the next is put together, and nobody sees any before all are
//! there.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use object_store::MultipartId;
use object_store::multipart::PartId;
use tokio::task::{AbortHandle, JoinSet};

use super::Upload;
use super::remote::Remote;
use crate::interrupt::{self, Unfinished};

/// Bytes of a part at least: stores want 5 MiB, and all but the last as large as the first.
const PART: u64 = 8 << 20;

/// Parts that an object may have.
const MOST_PARTS: u64 = 10_000;

/// Parts that are on their way at a time; memory has one more.
const ON_THE_WAY: usize = 4;

/// How long a store is asked to forget parts, at the end of an upload that came to nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of each part of an object: whole MiB.
fn part_size(bytes: u64) -> u64 {
    bytes.div_ceil(MOST_PARTS).max(PART).next_multiple_of(1 << 20)
}

/// An upload that goes on.
pub(super) struct Multipart {
    begun: Arc<Begun>,
    part_size: usize,
    /// Bytes that are not yet handed over, here and in all.
    part: Vec<u8>,
    left: u64,
    /// What the store calls the parts.
    parts: Vec<Option<PartId>>,
    on_the_way: JoinSet<object_store::Result<(usize, PartId)>>,
    is_complete: bool,
}

/// What a signal needs to know about an upload.
struct Begun {
    object: Remote,
    id: MultipartId,
    /// Parts that may be on their way.
    requests: Mutex<Vec<AbortHandle>>,
}

impl Begun {
    /// Makes the store forget the parts; whether it has answered so.
    fn forget(&self) -> bool {
        let requests = std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner));
        requests.iter().for_each(AbortHandle::abort);
        let Remote { client, path, runtime, .. } = &self.object;
        let forget = async { tokio::time::timeout(PATIENCE, client.uploads.abort_multipart(path, &self.id)).await };
        runtime.block_on(forget).is_ok_and(|answer| answer.is_ok())
    }
}

impl Multipart {
    pub(super) fn begin(object: &Remote, bytes: u64) -> Result<Self> {
        let id =
            object.wait(object.client.uploads.create_multipart(&object.path)).map_err(|error| object.failed(&error))?;
        let begun = Arc::new(Begun { object: object.clone(), id, requests: Mutex::default() });
        let forgotten = Arc::clone(&begun);
        *interrupt::unfinished() = Unfinished::Upload(Box::new(move || forgotten.forget()));
        Ok(Self {
            begun,
            part_size: part_size(bytes) as usize,
            part: Vec::new(),
            left: bytes,
            parts: Vec::new(),
            on_the_way: JoinSet::new(),
            is_complete: false,
        })
    }

    /// Waits until fewer than `most` parts are on their way.
    fn wait(&mut self, most: usize) -> Result<()> {
        while self.on_the_way.len() >= most.max(1) {
            let Some(sent) = self.begun.object.runtime.block_on(self.on_the_way.join_next()) else { break };
            let sent = sent.map_err(object_store::Error::from).and_then(|sent| sent);
            let (number, part) = sent.map_err(|error| self.begun.object.failed(&error))?;
            self.parts[number] = Some(part);
        }
        Ok(())
    }

    /// Hands over the part that is put together.
    fn send(&mut self) -> Result<()> {
        self.wait(ON_THE_WAY)?;
        let (number, part) = (self.parts.len(), std::mem::take(&mut self.part));
        self.parts.push(None);
        let begun = Arc::clone(&self.begun);
        let request = async move {
            let Remote { client, path, .. } = &begun.object;
            client.uploads.put_part(path, &begun.id, number, part.into()).await.map(|part| (number, part))
        };
        let request = self.on_the_way.spawn_on(request, &self.begun.object.runtime);
        let mut requests = self.begun.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.retain(|request| !request.is_finished());
        requests.push(request);
        Ok(())
    }
}

impl Write for Multipart {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.part.is_empty() {
            self.part.reserve_exact(self.left.min(self.part_size as u64) as usize);
        }
        let count = bytes.len().min(self.part_size - self.part.len());
        self.part.extend_from_slice(&bytes[..count]);
        self.left = self.left.saturating_sub(count as u64);
        if self.part.len() == self.part_size {
            self.send().map_err(io::Error::other)?;
        }
        Ok(count)
    }

    /// What is less than a part waits for the rest of it.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for Multipart {
    fn finish(mut self: Box<Self>) -> Result<()> {
        if !self.part.is_empty() || self.parts.is_empty() {
            self.send()?;
        }
        self.wait(0)?;
        let parts = std::mem::take(&mut self.parts);
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        ensure!(self.left == 0, "{} bytes of it were not written", self.left);
        let object = &self.begun.object;
        // Held until the store has answered: whether the object is there must be known.
        let mut unfinished = interrupt::unfinished();
        let complete = object.client.uploads.complete_multipart(&object.path, &self.begun.id, parts);
        object.wait(complete).map_err(|error| object.failed(&error))?;
        *unfinished = Unfinished::Complete;
        self.is_complete = true;
        Ok(())
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        if !self.is_complete {
            let mut unfinished = interrupt::unfinished();
            // There is nobody to tell if it fails.
            self.begun.forget();
            *unfinished = Unfinished::Nothing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_few_and_large_enough() {
        for bytes in [0, 1, PART, 5_000_000_000, PART * MOST_PARTS, PART * MOST_PARTS + 1, 5 << 40] {
            let size = part_size(bytes);
            assert!(size >= 5 << 20 && bytes.div_ceil(size) <= MOST_PARTS && size.is_multiple_of(1 << 20), "{bytes}");
        }
        assert_eq!((part_size(5_000_000_000), part_size(800_000_000_000)), (PART, 77 << 20));
    }
}
