//! The CPU reference as a full backend, over the mirrors of the shaders: batches of blocks, vector instructions, all
//! cores.
//!
//! It gives the same bits as every GPU, and is what GPUs are checked against.

mod batch;
mod compose;
mod dispatch;
mod engine;
#[cfg(feature = "faer")]
mod orthogonal;
mod parallel;
mod part;
#[cfg(feature = "rand_core")]
mod rng;
mod run;
mod slice;
mod update;
#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod wide;

pub use dispatch::dispatch;
pub use engine::{bytes, elements, values, write, write_serial};
#[cfg(feature = "rand_core")]
pub use rng::PhiloxRng;
