//! Output files, which appear when they are complete.

mod attributes;
pub(crate) mod buffer;
pub(crate) mod destination;
pub(crate) mod direct;
mod exclusive;
pub(crate) mod folder;
pub(crate) mod identity;
pub(crate) mod journal;
pub(crate) mod overlap;
pub(crate) mod partial;
