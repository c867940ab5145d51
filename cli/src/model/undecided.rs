//! What is said about tensors that nothing decides.

use strsim::normalized_levenshtein;

use crate::model::header::Declared;

/// A tensor that nothing decides.
#[derive(Debug)]
pub(crate) struct Undecided {
    pub(crate) declared: Declared,
    pub(crate) reason: String,
}

/// Tensors that are listed.
const MOST_TENSORS: usize = 20;
/// Globs that each is compared with.
const MOST_GLOBS: usize = 10_000;
/// How alike a glob and the end of a name must be to be mentioned.
const LEAST_ALIKE: f64 = 0.5;

/// All that is undecided, each with the glob that is nearest to its name.
pub(super) fn message(undecided: &[Undecided], globs: &[String]) -> String {
    let tensors = if undecided.len() == 1 { "1 tensor is" } else { &format!("{} tensors are", undecided.len()) };
    let mut lines = vec![format!("{tensors} not decided:")];
    for Undecided { declared, reason } in undecided.iter().take(MOST_TENSORS) {
        let nearest = nearest(&declared.name, globs).map(|glob| format!("; the nearest is '{glob}'"));
        let nearest = nearest.filter(|_| reason == "no rule").unwrap_or_default();
        lines.push(format!("  {} {:?} {:?}: {reason}{nearest}", declared.name, declared.dtype, declared.shape));
    }
    if let Some(more) = undecided.len().checked_sub(MOST_TENSORS).filter(|more| *more > 0) {
        lines.push(format!("  and {more} more"));
    }
    let them = if undecided.len() == 1 { "it" } else { "them" };
    lines.push(format!("in a spec add a [[rule]] for {them}, or default = \"zeros\""));
    lines.join("\n")
}

/// The glob whose letters are most like those that the name ends with.
fn nearest<'a>(name: &str, globs: &'a [String]) -> Option<&'a str> {
    let alike = |glob: &'a String| {
        let letters: String = glob.chars().filter(|letter| *letter != '*').take(MOST_LETTERS).collect();
        let letters = letters.as_str();
        let start = name.char_indices().nth_back(letters.chars().count()).map_or(0, |(at, _)| at);
        let end: String = name[start..].chars().take(MOST_LETTERS).collect();
        (normalized_levenshtein(letters, &end), glob.as_str())
    };
    let found = globs.iter().take(MOST_GLOBS).map(alike).max_by(|a, b| a.0.total_cmp(&b.0));
    found.filter(|(alike, _)| *alike >= LEAST_ALIKE).map(|(_, glob)| glob)
}

/// Letters that are compared.
const MOST_LETTERS: usize = 60;
