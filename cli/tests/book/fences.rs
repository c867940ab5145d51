//! Fenced blocks of the book's pages, and what is to be done with them.
//!
//! A block's info string says it: `sh` is run; `sh,ignore REASON` is not, for that reason. `text` with a line that
//! begins with `$ ` shows what a command prints, and needs a reason too, since nobody compares it.

use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The documents with blocks, as paths in the repository: README.md and the book's pages in its order.
pub(crate) fn pages() -> Vec<String> {
    let summary = read("docs/SUMMARY.md");
    let linked = summary.lines().filter_map(|line| line.split_once("](")?.1.strip_suffix(')'));
    std::iter::once("README.md".to_owned()).chain(linked.map(|page| format!("docs/{page}"))).collect()
}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Fence {
    pub(crate) page: String,
    /// The line of its first fence, from 1.
    pub(crate) line: usize,
    /// What stands behind the backticks.
    pub(crate) info: String,
    pub(crate) text: String,
}

impl Fence {
    /// The language, and what else the info string says.
    pub(crate) fn language(&self) -> (&str, &str) {
        let end = self.info.find([',', ' ']).unwrap_or(self.info.len());
        (&self.info[..end], self.info[end..].trim_start_matches(','))
    }

    /// Why it is not run, where it says so.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.language().1.strip_prefix("ignore").map(str::trim)
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }

    /// Its commands, those over several lines as one; of `text` those behind `$ `.
    pub(crate) fn commands(&self) -> Vec<String> {
        let joined = self.text.replace("\\\n", "");
        let lines = joined.lines().map(str::trim);
        match self.language().0 {
            "sh" => lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect(),
            _ => lines.filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect(),
        }
    }
}

/// All blocks of a page.
pub(crate) fn fences(page: &str) -> Vec<Fence> {
    let (mut all, mut open): (Vec<Fence>, Option<Fence>) = (Vec::new(), None);
    for (number, line) in (1..).zip(read(page).lines()) {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                open = Some(Fence { page: page.to_owned(), line: number, info: info.to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => all.extend(open.take()),
            (None, Some(fence)) => fence.text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{page}: a fence without its end: {open:?}");
    all
}
