//! What the system gives this process: room in memory, sizes of files, streams.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::progress;

/// Bytes of memory beside what is allocated by size: stacks, tables, tensors' names.
const REST: u64 = 24 << 20;

/// Whether there is room for `bytes` bytes more of memory. They are reserved and not touched, which costs nothing; the
/// system refuses what goes beyond a limit (`ulimit -v`) or all that it has.
pub(crate) fn has_room(bytes: u64) -> bool {
    usize::try_from(bytes).is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok())
}

/// Refuses what needs `bytes` bytes of memory where they cannot be had.
pub(crate) fn check_room(what: &str, bytes: u64) -> Result<()> {
    ensure!(
        has_room(bytes.saturating_add(REST)),
        "there is no memory for {what}: it takes {}; free some, or raise the limit (ulimit -v)",
        progress::size(bytes.saturating_add(REST))
    );
    Ok(())
}

/// Refuses to write `bytes` bytes to `path` where a limit on the size of files forbids it.
pub(crate) fn check_file_size(path: &Path, bytes: u64) -> Result<()> {
    let most = most_file_size();
    ensure!(
        bytes <= most,
        "cannot write {}: it takes {} ({bytes} bytes), and files may have {most} bytes (ulimit -f); raise the limit",
        path.display(),
        progress::size(bytes)
    );
    Ok(())
}

#[cfg(unix)]
fn most_file_size() -> u64 {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn most_file_size() -> u64 {
    u64::MAX
}

/// Whether a standard stream was closed when the process began. The standard library then opens `/dev/null` in its
/// place, for reading and writing, as hardly anybody else does for an output.
#[cfg(unix)]
pub(crate) fn is_closed(stream: impl std::os::fd::AsFd) -> bool {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};
    let Ok(found) = fstat(&stream) else { return true };
    let is_both = fcntl_getfl(&stream).is_ok_and(|flags| flags.contains(OFlags::RDWR));
    let is_null = stat("/dev/null").is_ok_and(|null| null.st_rdev == found.st_rdev);
    is_both && is_null && FileType::from_raw_mode(found.st_mode) == FileType::CharacterDevice
}

#[cfg(not(unix))]
pub(crate) fn is_closed<T>(_: T) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_is_refused() {
        assert!(has_room(1 << 20) && !has_room(u64::MAX));
        let refused = check_room("a bench", 1 << 62).unwrap_err().to_string();
        assert!(refused.starts_with("there is no memory for a bench: it takes 4.61 EB; "), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn closed_streams_are_told_from_others() {
        use std::fs::OpenOptions;
        let null = |read| OpenOptions::new().read(read).write(true).open("/dev/null").unwrap();
        assert!(is_closed(null(true)) && !is_closed(null(false)));
        assert!(!is_closed(tempfile::tempfile().unwrap()));
    }
}
