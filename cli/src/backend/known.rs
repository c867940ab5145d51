//! Adapters that are known to work, in a file of the user's cache: no process of its own need try them again as long as
//! nothing has changed that their drivers are made of.
//!
//! The file says only whether that process is needed, never which adapter is taken. It is away while a driver is being
//! opened, and comes back once the driver has computed: one that ends the process is tried by another the next time.
//! Processes that meet here may lose the file, which costs the next one that trial. Where the cache cannot be read or
//! written, nothing is known.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::circumstances::{Circumstances, number};

/// Names another folder for the file; empty, none.
const VARIABLE: &str = "WEIGHTINIT_CACHE";

/// More bytes than any such file has.
const LARGEST: u64 = 1 << 20;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Known {
    circumstances: Circumstances,
    /// Their numbers and names.
    adapters: BTreeSet<(usize, String)>,
}

impl Known {
    /// What is known, and not in the file any more until it is [kept](Known::keep).
    pub(crate) fn take() -> Option<Self> {
        Self::take_from(&folder()?)
    }

    fn take_from(folder: &Path) -> Option<Self> {
        let (path, taken) = (file(folder), unique(folder));
        // One process alone gets it.
        fs::rename(path, &taken).ok()?;
        let is_file = fs::symlink_metadata(&taken).is_ok_and(|found| found.is_file() && found.len() <= LARGEST);
        let text = is_file.then(|| fs::read(&taken).ok()).flatten();
        fs::remove_file(&taken).ok()?;
        let known: Self = serde_json::from_slice(&text?).ok()?;
        known.circumstances.hold().then_some(known)
    }

    /// Whether the adapter of this number and name works.
    pub(crate) fn has(&self, number: usize, name: &str) -> bool {
        self.adapters.contains(&(number, name.to_owned()))
    }

    /// Puts it into the file.
    pub(crate) fn keep(&self) {
        if let Some(folder) = folder() {
            self.keep_in(&folder);
        }
    }

    fn keep_in(&self, folder: &Path) {
        let path = unique(folder);
        let written = fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, serde_json::to_vec(self)?))
            .and_then(|()| fs::rename(&path, file(folder)));
        if written.is_err() {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Remembers adapters that another process has tried, which all work, and what it had loaded then.
pub(super) fn remember(adapters: BTreeSet<(usize, String)>, loaded: &[PathBuf]) {
    if !loaded.is_empty()
        && let Some(circumstances) = Circumstances::with(loaded)
    {
        Known { circumstances, adapters }.keep();
    }
}

/// Forgets all, since something does not work.
pub(super) fn forget() {
    if let Some(folder) = folder() {
        let _ = fs::remove_file(file(&folder));
    }
}

/// The user's folder for what can be lost.
fn folder() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os(VARIABLE) {
        return (!given.is_empty()).then(|| given.into());
    }
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = named.or_else(|| Some(std::env::home_dir()?.join(".cache")))?;
    cache.is_absolute().then(|| cache.join("weightinit"))
}

/// The file for processes like this one.
fn file(folder: &Path) -> PathBuf {
    folder.join(format!("adapters-{:016x}.json", number()))
}

/// A name that no other process has, nor another thread of this one.
fn unique(folder: &Path) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!(".adapters-{}-{count}", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder, a library in it, and an adapter that is known by it.
    fn known() -> (tempfile::TempDir, PathBuf, Known) {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("driver.so");
        fs::write(&library, "code").unwrap();
        let circumstances = Circumstances::with(std::slice::from_ref(&library)).unwrap();
        (folder, library, Known { circumstances, adapters: BTreeSet::from([(1, "a card".to_owned())]) })
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn what_is_taken_is_away_until_it_is_kept() {
        let (folder, _, known) = known();
        let cache = folder.path().join("a/cache");
        assert_eq!(Known::take_from(&cache), None);
        known.keep_in(&cache);
        let taken = Known::take_from(&cache).unwrap();
        assert_eq!(taken, known);
        assert!(taken.has(1, "a card") && !taken.has(0, "a card") && !taken.has(1, "another"));
        assert_eq!((Known::take_from(&cache), files(&cache).len()), (None, 0));
        taken.keep_in(&cache);
        assert_eq!(files(&cache), [file(&cache)]);
    }

    #[test]
    fn what_has_changed_is_forgotten() {
        let (folder, library, known) = known();
        let cache = folder.path().join("cache");
        known.keep_in(&cache);
        fs::write(library, "other code").unwrap();
        assert_eq!((Known::take_from(&cache), files(&cache).len()), (None, 0));
    }

    #[test]
    fn what_is_no_such_file_is_ignored() {
        let (folder, _, known) = known();
        let cache = folder.path().join("cache");
        known.keep_in(&cache);
        let whole = fs::read(file(&cache)).unwrap();
        for bytes in [&whole[..whole.len() / 2], b"", b"{}", b"[1, 2]", b"\xff\xfe"] {
            fs::write(file(&cache), bytes).unwrap();
            assert_eq!(Known::take_from(&cache), None);
            assert_eq!(files(&cache).len(), 0);
        }
        fs::File::create(file(&cache)).unwrap().set_len(1 << 40).unwrap();
        assert_eq!((Known::take_from(&cache), files(&cache).len()), (None, 0));
        fs::create_dir(file(&cache)).unwrap();
        assert_eq!(Known::take_from(&cache), None);
        // A file in the folder's place.
        let file = folder.path().join("driver.so");
        known.keep_in(&file);
        assert_eq!(Known::take_from(&file), None);
    }

    #[test]
    fn processes_that_meet_lose_it_at_most() {
        let (folder, _, known) = known();
        let cache = folder.path().join("cache");
        known.keep_in(&cache);
        let taken: usize = std::thread::scope(|scope| {
            let meet = || {
                let takes = (0..200).filter_map(|_| Known::take_from(&cache)).inspect(|taken| taken.keep_in(&cache));
                takes.inspect(|taken| assert_eq!(taken, &known)).count()
            };
            let others = [(); 4].map(|()| scope.spawn(meet));
            others.into_iter().map(|other| other.join().unwrap()).sum()
        });
        assert!(taken > 0);
        assert_eq!(files(&cache), [file(&cache)]);
        assert_eq!(Known::take_from(&cache), Some(known));
    }
}
