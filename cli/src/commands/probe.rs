//! The hidden `weightinit probe`: the process that tries adapters for others.

use std::process::ExitCode;

use anyhow::Result;

use super::print_exactly;
use crate::args::ProbeArguments;
use crate::backend::probe::run as try_adapters;

pub(crate) fn run(arguments: &ProbeArguments) -> Result<ExitCode> {
    let ProbeArguments { first_number, last_number, first } = *arguments;
    try_adapters(first_number, last_number, first, |line| print_exactly(&(serde_json::to_string(line)? + "\n")))?;
    Ok(ExitCode::SUCCESS)
}
