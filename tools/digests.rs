//! Every kernel for other WebGPU implementations than wgpu: prints shaders, dispatches and the digests that they must
//! give, as JSON; with `--basic` those of one type without structures. With a file of that JSON as argument, runs it on
//! the first adapter and prints the digests found.
//!
//! `cargo run --example digests > kernels.json && cargo run --example digests kernels.json`
//!
//! `scripts/check/implementations` runs the same file in browsers and libraries.

#[path = "../tests/implementations/document.rs"]
mod document;
#[path = "../tests/implementations/found.rs"]
mod found;
#[path = "../tests/implementations/runner.rs"]
mod runner;

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let json = match std::env::args().nth(1).as_deref() {
        None => document::document(|_| true)?,
        Some("--basic") => document::document(document::is_basic)?,
        Some(path) => found::found(&serde_json::from_slice(&std::fs::read(path)?)?),
    };
    Ok(writeln!(std::io::stdout(), "{json}")?)
}
