//! Processes that share a job without talking: which one this is, and what is its own.

pub(crate) mod balance;
pub(crate) mod launcher;
pub(crate) mod loads;
pub(crate) mod partition;
