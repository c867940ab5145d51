//! Units: what one invocation writes.

pub mod block_16;
pub mod block_32;
pub mod block_64;
pub mod block_8;
pub mod block_of;
pub mod contiguous;
pub mod fill;
pub mod quad;
pub mod slice;
pub mod slice_blocks;
pub mod slice_elements;
pub mod slice_pieces;
pub mod slice_runs;
pub mod unit_16;
pub mod unit_32;
pub mod unit_64;
pub mod unit_8;
