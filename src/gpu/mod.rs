//! The wgpu backend: plans become compute passes on the caller's device.
//!
//! [`Filler::encode`] only records; [`Filler::fill`], [`Filler::create_filled`] and [`Filler::read_back`] also submit and
//! wait, for those who have no encoder of their own.

mod adapter;
mod failure;
mod filler;
mod lsuv;
mod orthogonal;
mod pipelines;
mod read_back;
mod recording;
mod self_check;
mod timer;
mod update;

pub use adapter::{adapters, describe, open};
pub use failure::wait;
pub use filler::Filler;
pub use lsuv::{Elements, Lsuv, LsuvLayer, LsuvResult};
pub use recording::Recording;
pub use self_check::{KernelCheck, SelfCheck};
pub use timer::{Clock, Timer};
