//! The fast path of processors whose vectors are known: several blocks side by side from counter to element, all of it
//! in registers. It computes what the mirrors compute, written for vectors: `level` is what it asks of a processor, and
//! a file for each processor answers.
//!
//! Lanes of a vector are independent samples. A unit is as many blocks as fill two vectors with words of even lanes and
//! two with words of odd ones, so that the two samples of a Box–Muller pair are in the same place of two vectors.

mod generator;
mod group;
mod law;
mod level;
#[cfg(target_arch = "aarch64")]
mod neon;
mod run;
mod runs;
#[cfg(target_arch = "x86_64")]
mod v3;
#[cfg(target_arch = "x86_64")]
mod v4;
mod vectors;
mod widest;

pub(super) use group::takes;
pub(super) use level::{Computation, Level};
pub(super) use run::run;
pub(super) use runs::runs;
pub(super) use widest::widest;
#[cfg(test)]
pub(super) use widest::{LEVELS, with};
