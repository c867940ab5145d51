//! Shapes files.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| wginit_cli::fuzz::shapes(text));
