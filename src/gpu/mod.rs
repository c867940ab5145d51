//! The wgpu backend: plans become compute passes on the caller's device.
//!
//! [`Filler::encode`] only records; [`Filler::submit`] and [`Filler::create_filled`] also submit. What blocks says so,
//! and has a twin that does not, for browsers and async engines.

mod adapter;
mod bind;
mod buffer;
mod context;
mod failure;
mod filler;
mod lsuv;
mod orthogonal;
mod orthonormal;
mod pipelines;
mod read_back;
mod recorder;
mod recording;
mod self_check;
mod signal;
mod target;
mod timer;

pub use adapter::{adapters, adapters_with, describe, open};
pub use failure::wait;
pub use filler::Filler;
pub use lsuv::{Elements, Lsuv, LsuvLayer, LsuvResult};
pub use recording::Recording;
pub use self_check::{KernelCheck, SelfCheck};
pub use timer::{Clock, Timer};
