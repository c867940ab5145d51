//! The native part of the Python package `weightinit`: arrays in, the library's bits into them.
//!
//! What Python objects are to it is said here; frameworks are `weightinit/*.py`'s affair.

mod arguments;
mod choose;
mod command;
mod destination;
mod error;
mod fill;
mod initializer;
mod pool;

/// What `weightinit/_native.pyi` declares.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::choose::{Choice, choose};
    #[pymodule_export]
    use super::command::{call, run};
    #[pymodule_export]
    use super::error::{Error, OutputError};
    #[pymodule_export]
    use super::fill::{check, dtype_name, fill, plan};
    #[pymodule_export]
    use super::initializer::{Initializer, Law, initializers, recipes, stream_of};
}
