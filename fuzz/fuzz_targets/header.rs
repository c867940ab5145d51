//! Headers of .safetensors files.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| weightinit_cli::fuzz::header(bytes));
