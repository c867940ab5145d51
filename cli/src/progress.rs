//! What is happening: a bar on a terminal, single lines elsewhere; always on stderr.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// A line on stderr.
pub(crate) fn note(line: &str) {
    // Nothing can be done where stderr is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A bar that counts elements, invisible where stderr is no terminal.
pub(crate) fn bar(elements: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {percent:>3}% {human_pos} parameters, {per_sec}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(elements).with_style(style)
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
