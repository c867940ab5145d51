//! weightinit as WebAssembly, for its page in a browser: what can be chosen, laws, plans, the CPU reference, files, and
//! propagation. The page's JavaScript creates pipelines and dispatches what plans say; it computes no sample.
//!
//! `docs/web.md` says how to build and serve the page.

mod choices;
mod exports;
mod initializer;
mod propagation;
mod tensor;

pub use exports::{Product, Propagation, Tensor, choices, matmul};
