//! The arithmetic of the sample contract: the mirror of each shader, in the same rooms, files and functions.
//!
//! `shaders/law/normal.wgsl` and `src/arithmetic/law/normal.rs` are the same lines in the same order
//! (`tests/mirrors.rs` holds every pair together). Everything here is pure: words and parameters in, bits out. Nothing
//! here knows of fills, plans, threads or devices; it is public for tests and tools, and no part of the stable
//! interface.

pub mod dtype;
pub mod generator;
pub mod law;
pub mod matrix;
pub mod unit;
pub mod update;
