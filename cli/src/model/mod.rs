//! The model: which tensors there are, and what decides the contents of each.

pub(crate) mod dtype;
mod finder;
pub(crate) mod header;
pub(crate) mod job;
pub(crate) mod recipe;
pub(crate) mod rules;
pub(crate) mod source;
pub(crate) mod spec;
