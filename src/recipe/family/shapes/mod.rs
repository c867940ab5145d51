//! Names and shapes of the tensors of models, as formulas of their configurations: those that transformers' files have.

pub(super) mod classes;
pub(super) mod decoders;
pub(super) mod encoders;
pub(super) mod images;
pub(super) mod sequences;
