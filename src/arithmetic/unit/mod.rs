//! Units: what one invocation writes.

pub mod contiguous;
pub mod fill;
pub mod quad;
pub mod slice;
pub mod slice_blocks;
pub mod slice_runs;
pub mod unit_16;
pub mod unit_32;
pub mod unit_64;
pub mod unit_8;
