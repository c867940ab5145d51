//! `weightinit completions`: a script for a shell.

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;

use super::print_exactly;
use crate::args::{Arguments, CompletionsArguments};

pub(crate) fn run(arguments: &CompletionsArguments) -> Result<ExitCode> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    print_exactly(&String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}
