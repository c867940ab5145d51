//! Indices of checkpoints.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| weightinit_cli::fuzz::index(text));
