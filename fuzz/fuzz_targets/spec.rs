//! Specs, from TOML to the header of the file.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| wginit_cli::fuzz::spec(text));
