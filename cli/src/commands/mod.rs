//! The subcommands.

pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod devices;
mod explain;
pub(crate) mod fill;
pub(crate) mod init;
pub(crate) mod initializers;
pub(crate) mod man;
mod picture;
pub(crate) mod plan;
pub(crate) mod plot;
pub(crate) mod probe;
pub(crate) mod propagate;
pub(crate) mod recipes;
mod statistics;
pub(crate) mod verify;

use std::io::Write;

use anyhow::{Result, ensure};

use crate::limits;
use crate::progress::printable;

/// What is said where nobody takes the result of a check, which then has not passed.
const UNREPORTED: &str = "the result cannot be printed, so that the check has not passed";

/// Writes text for people to stdout.
fn print(text: &str) -> Result<()> {
    print_exactly(&printable(text))
}

/// Writes text for programs to stdout.
fn print_exactly(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// Refuses to begin what goes to stdout alone where that is closed.
fn check_stdout() -> Result<()> {
    ensure!(!limits::is_closed(std::io::stdout()), "stdout is closed, and all that is asked for goes there; open it");
    Ok(())
}

/// Widest column that is aligned; what is longer stands out.
const WIDEST: usize = 200;

/// Rows with their columns aligned, and without what would control a terminal.
fn table<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<_> = rows.map(|row| row.map(|cell| in_a_cell(&cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(|column| width(column).min(WIDEST));
    let line = |row: &[String; N]| {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// `text` on one line.
fn in_a_cell(text: &str) -> String {
    printable(text).replace('\n', "\\n").replace('\t', "\\t")
}

/// A JSON object on stdout, for machines.
fn print_json(value: &serde_json::Value) -> Result<()> {
    print_exactly(&format!("{value:#}\n"))
}
