//! The model: which tensors there are, and what decides the contents of each.

pub(crate) mod checkpoint;
pub(crate) mod config;
mod decide;
mod derived;
pub(crate) mod dtype;
mod finder;
pub(crate) mod header;
pub(crate) mod index;
mod integer;
pub(crate) mod job;
pub(crate) mod kept;
mod listed;
pub(crate) mod opened;
pub(crate) mod recipe;
mod rows;
pub(crate) mod rules;
pub(crate) mod source;
pub(crate) mod spec;
mod tensor;
pub(crate) mod undecided;
pub(crate) mod words;
