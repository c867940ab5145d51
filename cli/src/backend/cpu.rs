//! The CPU reference, on all cores.

use anyhow::Result;
use weightinit::cpu;

use super::host::{Host, by_cpu};
use super::{Backend, Sink, fills};
use crate::backend::chunk::Chunk;
use crate::model::job::Tensor;
use crate::output::buffer::Bytes;

/// It shares the processors with the writer, who has fewer pauses between larger chunks.
const CHUNK: u64 = 64 << 20;

pub(crate) struct Cpu;

impl Backend for Cpu {
    fn kind(&self) -> &'static str {
        "cpu"
    }

    fn name(&self) -> String {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        format!("CPU reference on {threads} threads")
    }

    fn chunk_size(&self) -> u64 {
        CHUNK
    }

    fn run(&mut self, tensors: &[Tensor], chunks: &[Chunk], host: &mut Host, sink: Sink<'_>) -> Result<()> {
        let mut bytes = Bytes::default();
        for chunk in chunks {
            let buffer = bytes.own();
            buffer.reset(chunk.bytes as usize, chunk.offset);
            for (fill, range) in fills(tensors, chunk)? {
                cpu::write(&fill, &mut buffer[range])?;
            }
            host.write(tensors, chunk, buffer, &by_cpu)?;
            sink(chunk, &mut bytes)?;
        }
        Ok(())
    }
}
