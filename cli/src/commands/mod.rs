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

/// Rows with their columns aligned.
fn table<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<_> = rows.collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// A JSON object on stdout, for machines.
fn print_json(value: &serde_json::Value) -> Result<()> {
    print(&format!("{value:#}\n"))
}
