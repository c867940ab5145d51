//! Constants, written by `scripts/make/real_constants` with mpmath to 70 digits. Pairs are the leading and the trailing
//! part of one number; decimals are the shortest that read back exactly.
#![allow(clippy::approx_constant)]

pub(crate) mod circular;
pub(crate) mod error_function;
pub(crate) mod exponential;
pub(crate) mod gamma;
pub(crate) mod logarithm;
