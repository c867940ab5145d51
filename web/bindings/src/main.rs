//! `bindings IN.wasm FOLDER`: what `wasm-bindgen --target web` does, without the program's many dependencies.

use std::path::PathBuf;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (input, folder) = arguments.next().zip(arguments.next()).context("expected a .wasm file and a folder")?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&input).web(true)?.typescript(false).out_name("weightinit");
    bindgen.generate(&folder).with_context(|| format!("cannot make bindings of {}", input.display()))
}
