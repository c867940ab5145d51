//! Writes a growing file to disk while the rest of it is computed, rather than all at once at its end, and gives back the
//! memory that its pages took, so that a large model does not drive out what else is cached.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// A thread that synchronizes a file whenever it is asked to.
pub(crate) struct WriteBack {
    requests: Option<SyncSender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl WriteBack {
    /// For `file`, whose own handle is not held up by it.
    pub(crate) fn new(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        let (requests, asked) = sync_channel(1);
        let synchronize = move || {
            asked.into_iter().try_for_each(|()| {
                file.sync_data()?;
                forget(&file);
                Ok(())
            })
        };
        let thread = std::thread::Builder::new().name("write back".to_owned()).spawn(synchronize)?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Asks for what was written so far. Where that is asked for already, once is enough.
    pub(crate) fn start(&mut self) -> io::Result<()> {
        match self.requests.as_ref().map(|requests| requests.try_send(())) {
            Some(Err(TrySendError::Disconnected(()))) => self.finish(),
            _ => Ok(()),
        }
    }

    /// Waits for it. The system tells of a failure only once, so that it has to be asked for here.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.requests = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("the thread that writes back failed")),
            None => Ok(()),
        }
    }
}

impl Drop for WriteBack {
    fn drop(&mut self) {
        // Whoever drops it without `finish` has failed already.
        let _ = self.finish();
    }
}

/// Lets the system use the memory of what is on disk for what comes next, which is faster than taking new.
fn forget(file: &File) {
    // Where this cannot be said, nothing is lost.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let _ = file;
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_is_written_meanwhile_is_all_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = File::create(&path).unwrap();
        let mut write_back = WriteBack::new(&file).unwrap();
        for byte in 0..100 {
            file.write_all(&[byte; 1000]).unwrap();
            write_back.start().unwrap();
        }
        write_back.finish().unwrap();
        write_back.finish().unwrap();
        let written = std::fs::read(path).unwrap();
        assert!(written.len() == 100_000 && written.iter().enumerate().all(|(i, byte)| usize::from(*byte) == i / 1000));
    }

    /// A device that cannot be synchronized says so, once.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_failure_is_told() {
        // Reading ends of pipes cannot be synchronized.
        let (reader, _writer) = io::pipe().unwrap();
        let mut write_back = WriteBack::new(&File::from(std::os::fd::OwnedFd::from(reader))).unwrap();
        for _ in 0..1000 {
            if write_back.start().is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        panic!("nothing was told");
    }
}
