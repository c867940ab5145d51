//! Specs, from TOML to the header of the file.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| weightinit_cli::fuzz::spec(text));
