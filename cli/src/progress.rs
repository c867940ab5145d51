//! What is happening: a bar on a terminal, single lines elsewhere; always on stderr.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// What is told how far a job is: elements that are done, and all of them. Its error ends the job.
pub type Watch<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

/// A line on stderr, or several.
pub(crate) fn note(line: &str) {
    // Nothing can be done where stderr is closed.
    let _ = writeln!(std::io::stderr(), "{}", printable(&shortened(line)));
}

/// The last line on stderr, in the place of a bar.
pub(crate) fn last_words(line: &str) {
    let mut stderr = std::io::stderr();
    let bar = if stderr.is_terminal() { "\r\x1b[2K" } else { "" };
    let _ = writeln!(stderr, "{bar}{line}");
}

/// Lines of a list that are printed.
const MOST_LINES: usize = 20;

/// The first lines of a list, and how many more there are.
pub(crate) fn note_list(lines: &[String]) {
    lines.iter().take(MOST_LINES).for_each(|line| note(line));
    if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        note(&format!("and {more} more"));
    }
}

/// Letters at the beginning and at the end of a message that are printed: what it quotes may have megabytes, and its
/// end says what to do.
const ENDS: [usize; 2] = [3000, 1000];

fn shortened(text: &str) -> Cow<'_, str> {
    let [first, last] = ENDS;
    let start = text.char_indices().nth(first).map(|(at, _)| at);
    let end = text.char_indices().nth_back(last).map(|(at, _)| at);
    match (start, end) {
        (Some(start), Some(end)) if start < end => format!("{} … {}", &text[..start], &text[end..]).into(),
        _ => text.into(),
    }
}

/// `text` with what would control a terminal written out: control characters but for line breaks and tabs, and marks
/// that turn the direction of what follows.
pub(crate) fn printable(text: &str) -> String {
    let turns = |letter| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let controls = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    let mut printable = String::with_capacity(text.len());
    for letter in text.chars() {
        if controls(letter) || turns(letter) {
            printable.extend(letter.escape_default());
        } else {
            printable.push(letter);
        }
    }
    printable
}

/// A bar that counts elements, invisible where stderr is no terminal.
pub(crate) fn bar(elements: u64) -> ProgressBar {
    let bar = bar_of("parameters");
    bar.set_length(elements);
    bar
}

/// A bar that shows what a [`Watch`] is told.
pub(crate) fn shown() -> impl FnMut(u64, u64) -> Result<()> {
    let bar = bar_of("parameters").with_finish(ProgressFinish::AndClear);
    move |done, all| {
        bar.set_length(all);
        bar.set_position(done);
        if done == all {
            bar.finish_and_clear();
        }
        Ok(())
    }
}

/// How far a job is, as its [`Watch`] is told.
pub(crate) struct Progress<'a> {
    done: u64,
    all: u64,
    watch: Watch<'a>,
}

impl<'a> Progress<'a> {
    /// Nothing of so many elements is done.
    pub(crate) fn of(all: u64, watch: Watch<'a>) -> Self {
        Self { done: 0, all, watch }
    }

    /// So many more are.
    pub(crate) fn advance(&mut self, elements: u64) -> Result<()> {
        self.done += elements;
        (self.watch)(self.done, self.all)
    }
}

/// A bar that counts something else, of a length that is not known yet.
pub(crate) fn bar_of(what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = format!("{{bar:30}} {{percent:>3}}% {{human_pos}} {what}, {{per_sec}}, {{eta}} left");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// Bytes for people.
pub(crate) fn size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

/// A rate for people: elements a second.
pub(crate) fn rate(elements: u64, seconds: f64) -> String {
    let rate = elements as f64 / seconds.max(1e-9);
    let (scale, prefix) =
        [(1e9, "G"), (1e6, "M"), (1e3, "k")].into_iter().find(|(scale, _)| rate >= *scale).unwrap_or((1.0, ""));
    format!("{:.1} {prefix}/s", rate / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_controls_a_terminal() {
        assert_eq!(
            printable("a\u{1b}[31m\0\u{7f}\u{9b}\r\u{202e}b\n\té"),
            "a\\u{1b}[31m\\u{0}\\u{7f}\\u{9b}\\r\\u{202e}b\n\té"
        );
    }

    #[test]
    fn long_messages_keep_their_ends() {
        let long = format!("begin{}{}end", "é".repeat(3000), "ü".repeat(1_000_000));
        let short = shortened(&long);
        assert!(short.starts_with("beginé") && short.ends_with("üend") && short.chars().count() < 4010);
        assert_eq!(shortened("short"), "short");
    }
}
