//! Exceptions: the library's texts, as the kinds of errors that Python has.

use pyo3::PyErr;
use pyo3::create_exception;
use pyo3::exceptions::{PyTypeError, PyValueError};

create_exception!(
    weightinit,
    Error,
    PyValueError,
    "A value that was refused: what is wrong, what was expected, what to do."
);
create_exception!(weightinit, OutputError, PyTypeError, "An output that cannot be written in place, and why.");

/// What the library refuses.
pub(crate) fn refused(error: impl std::fmt::Display) -> PyErr {
    Error::new_err(format!("{error:#}"))
}
