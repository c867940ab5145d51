//! Matrices with a structure: initializers whose elements are not all samples of one law.
//!
//! Each takes a shape apart into a law and a [`Structure`](crate::Structure), so that its elements, as all others, are
//! functions of seed, stream and index, with the same bits on every device. Orthogonal ones alone are requests of their
//! own.

pub(super) mod arange;
pub(super) mod block_diagonal;
pub(super) mod dirac;
pub(super) mod identity;
pub(super) mod orthogonal;
pub(super) mod padded;
pub(super) mod rotary;
mod shape;
pub(super) mod sinusoidal;
pub(super) mod sparse;
pub(super) mod state_space;
pub(super) mod stft;
pub(super) mod toeplitz;
pub(super) mod triangle;
mod window;

pub use rotary::{RotaryOrder, RotaryPart};
pub use sinusoidal::SinusoidalOrder;
pub use state_space::StateSpace;
pub use stft::{Scaling, Side};
pub use window::Window;
