//! x
#![cfg_attr(docsrs, feature(doc_cfg))]

mod coefficients;
pub mod cpu;
mod dtype;
mod error;
mod fan;
mod fill;
pub mod init;
mod law;
mod stream;

pub use dtype::DType;
pub use error::{Error, Result};
pub use fan::{Fans, Layout};
pub use fill::{Fill, element_count};
pub use init::{Distribution, Initializer, Mode, Nonlinearity};
pub use law::{Kind, Law, Math, Moments, QuantileTable, Sampler, Tail};
pub use stream::Stream;
