//! Signal propagation: the passes of `weightinit_common` on the processor that is asked for, their pictures, and small
//! networks that learn. `docs/propagation.md` has the equations and the rules of the verdicts.

mod gpu;
pub(crate) mod layers;
pub(crate) mod learner;
pub(crate) mod picture;
pub(crate) mod processor;
pub(crate) mod spec;
mod task;
pub(crate) mod training;
