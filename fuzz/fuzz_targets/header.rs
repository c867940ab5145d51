//! Headers of .safetensors files.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wginit_cli::fuzz::header(bytes));
