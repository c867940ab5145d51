//! Matrices: where an element lies, and whether a structure keeps its sample.

pub mod blocks;
pub mod dense;
pub mod diagonal;
pub mod masked;
pub mod other_rows;
pub mod place;
pub mod sparse;
pub mod toeplitz;
