//! Updates: which elements are written, and what they become.

pub mod blend;
pub mod range;
pub mod replace;
pub mod view;
