//! The subcommands.

pub(crate) mod devices;
mod explain;
pub(crate) mod fill;
pub(crate) mod init;
pub(crate) mod plan;
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

/// A JSON object on stdout, for machines.
fn print_json(value: &serde_json::Value) -> Result<()> {
    print(&format!("{value:#}\n"))
}
