//! The program `weightinit`, as a library so that fuzz targets reach its parsers.
//!
//! What is happening goes to stderr, data to stdout. Exit codes: 0 done, 1 refused or failed or different, 2 wrong
//! usage, 128 and a signal's number interrupted by it: 130 by Ctrl-C, 143 by SIGTERM.

mod args;
mod backend;
mod commands;
mod file;
#[doc(hidden)]
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod interrupt;
mod model;
mod output;
mod progress;
mod statistics;
#[cfg(test)]
mod testing;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// The program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    interrupt::install();
    let result = match arguments.command {
        Command::Init(arguments) => commands::init::run(&arguments),
        Command::Fill(arguments) => commands::fill::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
        Command::Plan(arguments) => commands::plan::run(&arguments),
        Command::Recipes(arguments) => commands::recipes::run(&arguments),
        Command::Initializers => commands::initializers::run(),
        Command::Devices(arguments) => commands::devices::run(&arguments),
        Command::Bench(arguments) => commands::bench::run(&arguments),
    };
    match result {
        Ok(code) => code,
        // Whoever reads our output has had enough, as in `weightinit fill … -o - | head -c 16`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            error.downcast_ref().map_or(ExitCode::FAILURE, interrupt::Interrupted::exit_code)
        }
    }
}

fn report(error: &anyhow::Error) {
    // Parsers end their messages with a line break. Nothing can be done where stderr is closed.
    let _ = writeln!(std::io::stderr(), "error: {}", format!("{error:#}").trim_end());
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error.downcast_ref().is_some_and(is)
}
