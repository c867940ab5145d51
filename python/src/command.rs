//! The command line, and its jobs on files as functions.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::OnceLock;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::error::refused;

/// The command that starts this package's program.
fn itself(py: Python<'_>) -> PyResult<Vec<OsString>> {
    let python = py.import("sys")?.getattr("executable")?.extract()?;
    Ok(vec![python, "-m".into(), "weightinit".into()])
}

/// Runs the command line, and gives its exit code.
#[pyfunction]
pub(crate) fn run(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<u8> {
    let itself = itself(py)?;
    let code = py.detach(|| weightinit_cli::run(&itself, arguments));
    Ok((0..u8::MAX).find(|number| ExitCode::from(*number) == code).unwrap_or(u8::MAX))
}

/// Runs a command on files, and gives what it prints as JSON. `progress` is told the elements done and all of them.
#[pyfunction]
#[pyo3(signature = (arguments, progress))]
pub(crate) fn call(py: Python<'_>, arguments: Vec<OsString>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
    check_process()?;
    let (itself, progress) = (itself(py)?, progress.map(|progress| progress.clone().unbind()));
    let mut watch = |done: u64, all: u64| {
        let told = Python::attach(|py| {
            py.check_signals()?;
            progress.as_ref().map(|progress| progress.call1(py, (done, all))).transpose().map(drop)
        });
        told.map_err(anyhow::Error::from)
    };
    let made = py.detach(|| weightinit_cli::call(&itself, arguments, &mut watch));
    // What a callback or an interrupt raised is raised again.
    let made = made.map_err(|error| error.downcast::<PyErr>().unwrap_or_else(refused))?;
    Ok(made.to_string())
}

/// Refuses a process whose parent had threads that it lacks, and would wait for without an end.
fn check_process() -> PyResult<()> {
    static FIRST: OnceLock<u32> = OnceLock::new();
    if *FIRST.get_or_init(std::process::id) == std::process::id() {
        return Ok(());
    }
    let text = "this process was forked from one that had worked on files, whose threads it lacks; start processes by \
                multiprocessing's 'spawn'";
    Err(PyRuntimeError::new_err(text))
}
