//! Laws: which distribution the samples follow, in real numbers, before any type or device.
//!
//! A file each. Those that are not computed by a kernel of their own are tabulated by their quantile functions.

mod arcsine;
mod beta;
mod cauchy;
mod cdf;
pub(crate) mod check;
mod expectation;
mod exponential;
mod grid;
mod gumbel;
mod incomplete_beta;
mod inverse_softplus;
pub(crate) mod kind;
mod laplace;
#[expect(clippy::module_inception, reason = "the room's main idea")]
mod law;
mod listed;
mod log_normal;
mod log_of_uniform;
mod log_uniform;
mod logistic;
mod lower;
pub(crate) mod moments;
mod normal_quantile;
mod normal_tail;
mod own;
mod table;
mod tabulated;
mod times;
mod triangular;
mod truncated_normal;
mod wave;
mod waves;

pub use kind::Kind;
pub use law::{Family, Law, Math};
pub use lower::Sampler;
pub use moments::Moments;
pub use table::Table;
pub use table::quantile::QuantileTable;
pub use table::rows::Rows;
pub use table::tail::Tail;
pub use wave::{Wave, Waves};
