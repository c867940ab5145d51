//! Checks: a request's bytes against the CPU reference, bit for bit, and a sample's moments.

mod compare;
mod comparison;
pub mod kernels;
mod moments;

pub use compare::{Comparer, compare};
pub use comparison::{Comparison, Difference};
pub use moments::SampleMoments;
