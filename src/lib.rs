//! x
#![cfg_attr(docsrs, feature(doc_cfg))]

mod coefficients;
pub mod cpu;
mod dtype;
mod error;
mod fan;
mod fill;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod init;
mod law;
pub mod plan;
pub mod shaders;
mod stream;
pub mod verify;

pub use dtype::DType;
pub use error::{Error, Result};
pub use fan::{Fans, Layout};
pub use fill::{Fill, element_count};
pub use init::{Distribution, Initializer, Mode, Nonlinearity};
pub use law::{Kind, Law, Math, Moments, QuantileTable, Sampler, Tail};
pub use stream::Stream;
#[cfg(feature = "gpu")]
pub use wgpu;
