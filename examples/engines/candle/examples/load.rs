//! Shards that `weightinit init` wrote, by candle's own reader: each tensor is that of the single file.
//!
//! Arguments: the folder of the shards, the single file. `scripts/check/loaders` runs it.

use std::path::PathBuf;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

type Failure = Box<dyn std::error::Error>;

/// Values of bf16, all of which are f32.
fn values(tensor: &Tensor) -> candle_core::Result<Vec<f32>> {
    tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (folder, whole) = arguments.next().zip(arguments.next()).ok_or("give the shards' folder and the single file")?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        files.extend(path.extension().is_some_and(|extension| extension == "safetensors").then_some(path));
    }
    files.sort();
    // SAFETY: nobody changes the files while they are mapped; candle offers no other way.
    let vb = unsafe { VarBuilder::from_mmaped_safetensors(&files, DType::BF16, &Device::Cpu)? };
    let expected = candle_core::safetensors::load(whole, &Device::Cpu)?;
    for (name, tensor) in &expected {
        let found = vb.get(tensor.shape(), name)?;
        let (found, wanted) = (values(&found)?, values(tensor)?);
        if !found.iter().map(|x| x.to_bits()).eq(wanted.iter().map(|x| x.to_bits())) {
            return Err(format!("tensor '{name}' differs").into());
        }
    }
    println!("candle: from_mmaped_safetensors, {} files, {} tensors", files.len(), expected.len());
    Ok(())
}
