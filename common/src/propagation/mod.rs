//! Signal propagation: what an initializer does to activations, gradients and units of a deep network, measured by real
//! passes beside the mean-field theory. `docs/propagation.md` has the equations and the rules of the verdicts.

mod activation;
pub mod call;
mod correlation;
pub mod cpu;
mod jacobian;
pub mod matmul;
pub mod network;
pub mod passes;
mod patches;
pub mod products;
mod quadrature;
pub mod run;
pub mod signals;
pub mod theory;
mod verdict;

pub use activation::Activation;
