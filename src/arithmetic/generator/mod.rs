//! Words: the Philox generator, and the parameters that every kernel reads.

pub mod mul_wide_u32;
pub mod mul_wide_u64;
pub mod options;
pub mod params;
pub mod philox;
pub mod words;
