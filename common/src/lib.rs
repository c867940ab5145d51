//! What the program `weightinit` and its page in a browser have in common, so that neither has it twice: propagation of
//! signals, and what files begin with.

pub mod file;
pub mod propagation;
