//! What `tests/differential.rs` is made of: random cases, and adapters that they are tried on.

mod arguments;
pub(crate) mod case;
mod choices;
pub(crate) mod run;
mod shapes;
pub(crate) mod tester;
