//! Requests: what is asked for, with everything that decides the bits.

pub(crate) mod fill;
pub(crate) mod orthogonal;
pub(crate) mod stream;
pub(crate) mod structure;
pub(crate) mod update;
pub(crate) mod view;
