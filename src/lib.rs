//! GPU-accelerated weight initializers on wgpu: the same bits on every adapter and on the CPU.
//!
//! Every sample is a pure function of *(seed, stream, index)*: a Philox4x32-10 counter names the element, and portable
//! arithmetic turns its word into a uniform, normal or truncated-normal sample. No result depends on the adapter, the
//! backend, the dispatch, the chunk, the shard or the order of the tensors. `docs/contract.md` says exactly what is
//! promised.
//!
//! Data flow one way:
//!
//! ```text
//! Initializer + shape + Layout ─► Law ─► Fill (type, seed, stream, elements) ─► Plan ─► gpu::Filler, or cpu
//!                                                                                          └──► verify
//! ```
//!
//! * [`Initializer`] and [`init`]: the frameworks' names, and what they mean.
//! * [`Law`] and [`Fill`]: a distribution, and the request for elements of a tensor.
//! * [`plan`] and [`shaders`]: dispatches, uniform words and WGSL, with no wgpu types.
//! * [`gpu`]: records plans into your command encoder, on your device.
//! * [`cpu`]: the reference, function for function the shaders, as a full backend.
//! * [`verify`]: the one against the other.
//!
//! # Features
//! * `gpu` (default): the wgpu backend. Without it plans and the CPU reference stand alone.
//! * `wgpu-default` (default): wgpu's own default features. Engines that choose wgpu's backends turn it off.
//! * `faer`: orthogonal matrices on the CPU, `cpu::orthogonal`.
//! * `rayon` (default): the CPU reference on all cores.
//! * `simd` (default): the CPU reference with the widest vector instructions that the processor has; without it, with those
//!   that every processor of the target has.
//! * `rand_core`: the generator as a `rand_core` generator, `cpu::PhiloxRng`.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

/// The text of a file of `shaders/`.
macro_rules! shader {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", $path, ".wgsl"))
    };
    (dtype $file:ident) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/dtype/", stringify!($file), ".wgsl"))
    };
}

#[doc(hidden)]
pub mod arithmetic;
pub mod cpu;
mod dtype;
mod error;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod init;
pub mod law;
mod name;
pub mod plan;
mod real;
pub mod recipe;
pub mod request;
pub mod verify;

pub use dtype::DType;
pub use error::{Error, Result};
pub use init::{Initializer, Layout};
pub use law::Law;
pub use name::UnknownName;
pub use request::{Fill, Orthogonal, Request, Stream, Structure};
#[cfg(feature = "gpu")]
pub use wgpu;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
