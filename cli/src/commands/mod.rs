//! The subcommands.

pub(crate) mod bench;
pub(crate) mod devices;
mod explain;
pub(crate) mod fill;
pub(crate) mod init;
pub(crate) mod initializers;
pub(crate) mod plan;
pub(crate) mod recipes;
mod statistics;
pub(crate) mod verify;

use std::io::Write;

use anyhow::Result;

/// Writes text to stdout.
fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// Widest column that is aligned; what is longer stands out.
const WIDEST: usize = 200;

/// Rows with their columns aligned, and without what would control a terminal.
fn table<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<_> = rows.map(|row| row.map(|cell| printable(&cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(|column| width(column).min(WIDEST));
    let line = |row: &[String; N]| {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// `text` with control characters written out.
fn printable(text: &str) -> String {
    let escape =
        |letter: char| if letter.is_control() { letter.escape_default().collect() } else { String::from(letter) };
    text.chars().map(escape).collect()
}

/// A JSON object on stdout, for machines.
fn print_json(value: &serde_json::Value) -> Result<()> {
    print(&format!("{value:#}\n"))
}
