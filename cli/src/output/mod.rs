//! Output files, which appear when they are complete.

pub(crate) mod buffer;
pub(crate) mod direct;
pub(crate) mod journal;
pub(crate) mod overlap;
pub(crate) mod partial;
