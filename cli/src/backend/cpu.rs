//! The CPU reference, on all cores.

use anyhow::Result;
use wginit::cpu;

use super::{Backend, Sink, fills, write_integers};
use crate::chunk::chunks;
use crate::job::Tensor;

pub(crate) struct Cpu;

impl Backend for Cpu {
    fn kind(&self) -> &'static str {
        "cpu"
    }

    fn name(&self) -> String {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        format!("CPU reference on {threads} threads")
    }

    fn run(&mut self, tensors: &[Tensor], sink: Sink<'_>) -> Result<()> {
        let mut bytes = Vec::new();
        for chunk in chunks(tensors) {
            bytes.resize(chunk.bytes as usize, 0);
            for (fill, place) in fills(tensors, &chunk)? {
                cpu::fill(&fill, &mut bytes[place])?;
            }
            write_integers(tensors, &chunk, &mut bytes);
            sink(&chunk, &bytes)?;
        }
        Ok(())
    }
}
