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

#[doc(hidden)]
pub mod arithmetic;
pub mod cpu;
mod dtype;
mod error;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod init;
mod law;
pub mod plan;
pub mod recipe;
mod request;
pub mod verify;

pub use dtype::DType;
pub use error::{Error, Result};
pub use init::axes::{Axes, AxisList};
pub use init::fan::{Fans, Layout};
pub use init::matrix::Matrix;
pub use init::{Distribution, Initializer, Mode, Nonlinearity};
pub use law::{Kind, Law, Math, Moments, QuantileTable, Sampler, Table, Tail, Wave, Waves};
pub use recipe::{Model, Recipe};
pub use request::fill::{Fill, element_count};
pub use request::orthogonal::Orthogonal;
pub use request::stream::Stream;
pub use request::structure::{Structure, StructureKind};
pub use request::update::{Update, UpdateKind};
pub use request::view::View;
#[cfg(feature = "gpu")]
pub use wgpu;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
