//! The program `weightinit`, as a library so that fuzz targets reach its parsers, and the Python package the program.
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
mod limits;
mod model;
mod output;
mod picture;
mod plotting;
mod progress;
mod propagation;
mod ranks;
mod statistics;
mod store;
#[cfg(test)]
mod testing;
mod threads;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use serde_json::Value;

use args::{Arguments, Command};

pub use progress::Watch;

/// The program.
pub fn main() -> ExitCode {
    run(&[], std::env::args_os().collect())
}

/// The program with `arguments`, whose first is its name, on a thread with room enough: the first one has what
/// `ulimit -s` gives. Where it is not this executable, `itself` is the command that it is started by.
pub fn run(itself: &[OsString], arguments: Vec<OsString>) -> ExitCode {
    backend::probe::set_itself(itself);
    match threads::spawn("main", || program(arguments)) {
        // A panic has said what it has to say.
        Ok(program) => program.join().unwrap_or(ExitCode::FAILURE),
        Err(error) => {
            progress::note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What `init`, `verify` or `plan` with `arguments` prints as JSON, for a program that this one is a part of: signals
/// and threads are its own affair. `watch` is told how far it is.
///
/// # Errors
/// What the program would say, and those of `watch`, which end the work.
pub fn call(itself: &[OsString], arguments: Vec<OsString>, watch: Watch<'_>) -> Result<Value> {
    backend::probe::set_itself(itself);
    match Arguments::try_parse_from(arguments)?.command {
        Command::Init(arguments) => commands::init::made(&arguments, watch),
        Command::Verify(arguments) => commands::verify::verified(&arguments, watch),
        Command::Plan(arguments) => Ok(serde_json::from_str(&commands::plan::document(&arguments)?.to_json())?),
        _ => bail!("only init, verify and plan can be called; start the program for others"),
    }
}

/// The fields of a model's configuration, as they stand in the text of its `config.json`.
///
/// # Errors
/// What is wrong with the text.
pub fn config(text: &str) -> Result<weightinit::recipe::Config> {
    model::config::of_text(text)
}

fn program(arguments: Vec<OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    let prepared = interrupt::install().and_then(|()| threads::prepare());
    match prepared.and_then(|()| command(&arguments.command)) {
        Ok(code) => code,
        // Whoever reads our output has had enough, as in `weightinit fill … -o - | head -c 16`. A check whose result
        // nobody has read is no success.
        Err(error) if is_broken_pipe(&error) && !matches!(arguments.command, Command::Verify(_)) => ExitCode::SUCCESS,
        Err(error) => {
            progress::note(format!("error: {error:#}").trim_end());
            ExitCode::FAILURE
        }
    }
}

fn command(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Init(arguments) => commands::init::run(arguments),
        Command::Fill(arguments) => commands::fill::run(arguments),
        Command::Verify(arguments) => {
            commands::plot::of_verify(arguments)?;
            commands::verify::run(arguments)
        }
        Command::Plot(arguments) => commands::plot::run(arguments),
        Command::Propagate(arguments) => commands::propagate::run(arguments),
        Command::Plan(arguments) => commands::plan::run(arguments),
        Command::Recipes(arguments) => commands::recipes::run(arguments),
        Command::Initializers => commands::initializers::run(),
        Command::Devices(arguments) => commands::devices::run(arguments),
        Command::Bench(arguments) => commands::bench::run(arguments),
        Command::Completions(arguments) => commands::completions::run(arguments),
        Command::Man(arguments) => commands::man::run(arguments),
        Command::Probe(arguments) => commands::probe::run(arguments),
    }
}

/// What clap has to say: help, or what is wrong with the arguments, which may hold anything.
fn misused(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    if progress::printable(&text) == text {
        error.exit();
    }
    progress::note(text.trim_end());
    ExitCode::from(2)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error.downcast_ref().is_some_and(is)
}
