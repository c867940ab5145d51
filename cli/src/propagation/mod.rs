//! Signal propagation: what an initializer does to activations, gradients and units of a deep network, measured by real
//! passes beside the mean-field theory. `docs/propagation.md` has the equations and the rules of the verdicts.

mod activation;
pub(crate) mod call;
mod correlation;
mod cpu;
mod gpu;
mod jacobian;
pub(crate) mod learner;
pub(crate) mod network;
pub(crate) mod passes;
mod patches;
pub(crate) mod picture;
pub(crate) mod processor;
mod products;
mod quadrature;
pub(crate) mod run;
mod signals;
pub(crate) mod spec;
mod task;
mod theory;
pub(crate) mod training;
mod verdict;
