//! Units: what one invocation writes.

pub mod fill;
pub mod quad;
pub mod unit_16;
pub mod unit_32;
pub mod unit_64;
pub mod unit_8;
