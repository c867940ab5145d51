//! Plots of files: one tensor in detail, beside its law; or all of them, beside their recipe or another file.

pub(crate) mod checkpoint;
pub(crate) mod detail;
mod natural;
pub(crate) mod overview;
mod reference;
mod spectrum;
