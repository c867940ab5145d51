//! GPU-accelerated weight initializers on wgpu: the same bits on every adapter and on the CPU.
//!
//! Every sample is a pure function of *(seed, stream, index)*: a Philox4x32-10 counter names the element, and portable
//! arithmetic turns its word into a uniform, normal or truncated-normal sample. No result depends on the adapter, the
//! backend, the dispatch, the chunk, the shard or the order of the tensors. `docs/contract.md` says exactly what is
//! promised.
//!
//! One buffer, on a device of yours: `encode` only records.
//!
//! ```no_run
//! # #[cfg(feature = "gpu")]
//! # fn example(
//! #     device: &weightinit::wgpu::Device, queue: &weightinit::wgpu::Queue, weights: &weightinit::wgpu::Buffer,
//! # ) -> Result<(), weightinit::Error> {
//! use weightinit::{DType, Initializer, Layout, gpu::Filler};
//!
//! let filler = Filler::new(device)?; // keep it: it caches pipelines
//! let weight = Initializer::he_normal().request("fc.weight", &[4096, 1024], Layout::Torch, DType::BF16)?;
//! let mut encoder = device.create_command_encoder(&Default::default());
//! filler.encode(&mut encoder, &weight.with_seed(42), weights.slice(..))?;
//! queue.submit([encoder.finish()]);
//! # Ok(()) }
//! ```
//!
//! A whole model by a recipe, with its ties, here on the CPU:
//!
//! ```
//! use weightinit::recipe::{self, Model};
//! use weightinit::{DType, cpu};
//!
//! let tensors = [("wte.weight", &[50, 8][..]), ("h.0.mlp.c_fc.weight", &[8, 32]), ("lm_head.weight", &[50, 8])];
//! for (name, request) in recipe::by_name("gpt2")?.requests(&Model::new(tensors), 42, DType::F32)? {
//!     println!("{name}: {} bytes", cpu::bytes(&request)?.len());
//! }
//! # Ok::<(), weightinit::Error>(())
//! ```
//!
//! A part of a tensor has the bits of that part of the whole:
//!
//! ```
//! use weightinit::{DType, Initializer, Layout, cpu};
//!
//! let whole = Initializer::glorot_uniform().request("fc.weight", &[64, 48], Layout::Keras, DType::F16)?;
//! assert_eq!(cpu::bytes(&whole.range(1000..1100)?)?, cpu::bytes(&whole)?[2000..2200]);
//! # Ok::<(), weightinit::Error>(())
//! ```
//!
//! So has a slice, such as a rank of a mesh has it ([`request::Mesh`]):
//!
//! ```
//! use weightinit::request::Slice;
//! use weightinit::{DType, Initializer, Layout, cpu};
//!
//! let whole = Initializer::glorot_uniform().request("fc.weight", &[64, 48], Layout::Keras, DType::F16)?;
//! let columns = whole.slice(&Slice::new(&[64, 48], &[0, 12], &[64, 12])?)?;
//! assert_eq!(cpu::bytes(&columns)?[..24], cpu::bytes(&whole)?[24..48]);
//! # Ok::<(), weightinit::Error>(())
//! ```
//!
//! # Map
//!
//! ```text
//! Initializer + name + shape + Layout + DType ─► Request ─► Plan ─► gpu::Filler, or cpu ─► verify
//! ```
//!
//! * [`init`]: initializers by the frameworks' names, fans and layouts; [`recipe`]: rules for whole models.
//! * [`request`]: what is asked for; [`law`]: the distributions.
//! * [`plan`]: kernels, dispatches, uniform data and WGSL, with no wgpu types.
//! * [`gpu`]: records requests into your command encoder, on your device.
//! * [`cpu`]: the reference, function for function the shaders, as a full backend.
//! * [`verify`]: the one against the other.
//!
//! # Features
//! * `gpu` (default): the wgpu backend. Without it plans and the CPU reference stand alone.
//! * `wgpu-default` (default): wgpu's own default features. Engines that choose wgpu's backends turn it off.
//! * `rayon` (default): the CPU reference on all cores.
//! * `simd` (default): the CPU reference with the widest vector instructions that the processor has; without it, with
//!   those that every processor of the target has.
//! * `faer`: orthogonal matrices on the CPU.
//! * `rand_core`: the generator as a `rand_core` generator, `cpu::PhiloxRng`.
//!
//! `default-features = false, features = ["gpu"]` leaves out `rayon` and `simd` as well: name them where the CPU
//! reference is used.

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
pub mod error;
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

/// The Rust blocks of the documents.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/distributed.md")]
    struct Distributed;
    #[doc = include_str!("../docs/embedding.md")]
    struct Embedding;
    #[doc = include_str!("../docs/recipes.md")]
    struct Recipes;
}
