//! Folders that several files of one job come into, written by processes that do not talk: what belongs to another job
//! is found before anything is written.
//!
//! While a job is not complete there is an empty file `.STEM.weightinit-job-DIGEST`. Its name says it all, so that no
//! process ever sees a half of it; the process that finds everything complete removes it.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::file::safetensors::DIGEST;
use crate::file::shards::{index_name, is_numbered};
use crate::interrupt;
use crate::model::{opened, source};
use crate::output::partial;
use crate::progress;
use crate::store;
use crate::store::address::is_remote;

/// What is written into a folder.
pub(crate) struct Plan<'a> {
    /// What the names of the files begin with.
    pub(crate) stem: &'a str,
    /// All files of the job, of all ranks.
    pub(crate) files: HashSet<String>,
    /// What tells the job from others.
    pub(crate) digest: &'a str,
    /// Those that are to come into this folder: of all ranks that write there.
    pub(crate) here: HashSet<String>,
    /// Bytes of those, or nearly.
    pub(crate) bytes: u64,
}

/// A folder that this process writes to.
pub(crate) struct Folder<'a> {
    path: PathBuf,
    plan: Plan<'a>,
    /// Whether this process made the folder, and the job's mark in it.
    is_new: bool,
    is_marked_here: bool,
    /// Whether it writes: before, whatever is there is another's.
    has_begun: bool,
}

impl<'a> Folder<'a> {
    /// Begins or joins the job in folder `path`.
    pub(crate) fn enter(path: &Path, plan: Plan<'a>) -> Result<Self> {
        let failed = || format!("cannot write {}", path.display());
        let is_new = create(path)?;
        let mut folder = Self { path: path.to_owned(), plan, is_new, is_marked_here: false, has_begun: false };
        // What is free is asked first: files of other ranks only grow meanwhile.
        let free = if is_remote(path) { u64::MAX } else { fs4::available_space(path).unwrap_or(u64::MAX) };
        let names = opened::names(path)?;
        folder.check_others(&names)?;
        folder.check_space(&names, free)?;
        folder.is_marked_here = mark(&folder.marker()).with_context(failed)?;
        // Once more: two jobs may have begun at the same moment. Both are refused then.
        folder.check_others(&opened::names(path)?)?;
        Ok(folder)
    }

    fn marker_start(&self) -> String {
        format!(".{}.weightinit-job-", self.plan.stem)
    }

    fn marker(&self) -> PathBuf {
        self.path.join(self.marker_start() + self.plan.digest)
    }

    /// Refuses a folder with weights of another job, which readers would mix up with this one's.
    fn check_others(&self, names: &[String]) -> Result<()> {
        let stem = self.plan.stem;
        let (single, index, marker) = (format!("{stem}.safetensors"), index_name(stem), self.marker_start());
        let is_other = |name: &String| {
            if let Some(digest) = name.strip_prefix(&marker) {
                return digest != self.plan.digest;
            }
            if *name == index {
                return !self.plan.files.contains(name) || !self.is_own_index(name);
            }
            !self.plan.files.contains(name) && (*name == single || is_numbered(name, stem))
        };
        let others: Vec<_> = names.iter().filter(|name| is_other(name)).map(String::as_str).collect();
        if others.is_empty() {
            return Ok(());
        }
        const MOST: usize = 5;
        let more = if others.len() > MOST { format!(" and {} more", others.len() - MOST) } else { String::new() };
        bail!(
            "cannot write {}: another job's files are in it: {}{more}; give what that job was begun with, or another \
             folder, or remove them",
            self.path.display(),
            others[..others.len().min(MOST)].join(", ")
        )
    }

    fn is_own_index(&self, name: &str) -> bool {
        #[derive(serde::Deserialize)]
        struct Index {
            metadata: serde_json::Map<String, serde_json::Value>,
        }
        let text = source::read_text(&self.path.join(name));
        let index = text.ok().and_then(|text| serde_json::from_str::<Index>(&text).ok());
        index.is_some_and(|index| index.metadata.get(DIGEST).is_some_and(|digest| digest == self.plan.digest))
    }

    /// Refuses what the file system has no room for: all that is not yet there, whoever writes it.
    fn check_space(&self, names: &[String], free: u64) -> Result<()> {
        let length = |name: &String| std::fs::metadata(self.path.join(name)).map_or(0, |metadata| metadata.len());
        let is_here = |name: &&String| self.plan.here.contains(partial::original(name).unwrap_or(name));
        let there = names.iter().filter(is_here).map(length).fold(0, u64::saturating_add);
        let needed = self.plan.bytes.saturating_sub(there);
        ensure!(
            needed <= free,
            "cannot write {}: {} more ({needed} bytes) come into it, {} ({free} bytes) are free there; free some \
             space or give another place, or --local-folder where each process has a disk of its own",
            self.path.display(),
            progress::size(needed),
            progress::size(free)
        );
        Ok(())
    }

    /// Says that this process now writes.
    pub(crate) fn begin(&mut self) {
        self.has_begun = true;
        interrupt::writes_several();
    }

    /// Where a file is.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Ends this process's part.
    pub(crate) fn finish(mut self) -> Result<()> {
        (self.is_new, self.is_marked_here) = (false, false);
        let names: HashSet<_> = opened::names(&self.path)?.into_iter().collect();
        if self.plan.here.iter().all(|file| names.contains(file)) {
            unmark(&self.marker()).with_context(|| format!("cannot write {}", self.path.display()))?;
        }
        Ok(())
    }
}

impl Drop for Folder<'_> {
    /// Where nothing came into it, nothing stays.
    fn drop(&mut self) {
        // A store is asked only if there is something to undo.
        if !self.is_new && !self.is_marked_here {
            return;
        }
        let Ok(names) = opened::names(&self.path) else { return };
        let is_ours = |name: &String| {
            let name = partial::original(name).unwrap_or(name);
            self.plan.files.contains(name)
        };
        if self.is_marked_here && !(self.has_begun && names.iter().any(is_ours)) {
            // There is nobody to tell if it fails, nor below.
            let _ = unmark(&self.marker());
        }
        if self.is_new {
            // It stays where something is in it.
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}

/// Makes the folder; whether there was none.
fn create(path: &Path) -> Result<bool> {
    if is_remote(path) {
        // There are no folders in stores.
        return Ok(false);
    }
    match std::fs::create_dir(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            ensure!(path.is_dir(), "cannot write {}: it is no folder; give another name", path.display());
            Ok(false)
        }
        Err(error) => Err(error).with_context(|| format!("cannot create the folder {}", path.display())),
    }
}

/// Makes a mark; whether there was none.
fn mark(path: &Path) -> Result<bool> {
    if let Some(object) = store::object(path)? {
        return object.claim();
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes a mark away. Another process may have done so.
fn unmark(path: &Path) -> Result<()> {
    if let Some(object) = store::object(path)? {
        return object.remove();
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// What is known of a file that may be complete.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    Nothing,
    /// It begins with the header, and has all its bytes.
    Complete,
    /// It begins with the header, or ends within it, and has so many bytes.
    Cut(u64),
    /// It begins otherwise.
    Other,
}

/// Looks at a file that should begin with `header` and have `bytes` bytes.
pub(crate) fn look(path: &Path, header: &[u8], bytes: u64) -> Result<Found> {
    if !opened::exists(path)? {
        return Ok(Found::Nothing);
    }
    let mut file = opened::open(path)?;
    let failed = || format!("cannot read {}", path.display());
    let mut begin = Vec::new();
    (&mut file).take(header.len() as u64).read_to_end(&mut begin).with_context(failed)?;
    let length = file.length().with_context(failed)?;
    Ok(match () {
        () if !header.starts_with(&begin) => Found::Other,
        () if length == bytes => Found::Complete,
        () => Found::Cut(length),
    })
}
