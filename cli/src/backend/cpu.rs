//! The CPU reference, on all cores.

use anyhow::Result;
use weightinit::cpu;

use super::host::{Host, by_cpu};
use super::{Backend, Sink, fills};
use crate::backend::chunk::Chunk;
use crate::limits;
use crate::model::job::Tensor;
use crate::output::buffer::Bytes;
use crate::output::overlap::BUFFERS;

/// It shares the processors with the writer, who has fewer pauses between larger chunks.
const CHUNK: u64 = 64 << 20;
/// Where there is little memory, chunks are smaller, but not without end.
const LEAST_CHUNK: u64 = 1 << 18;

pub(crate) struct Cpu {
    chunk_size: u64,
}

impl Cpu {
    /// For a job of `bytes` bytes: with chunks that there is memory for.
    pub(crate) fn new(bytes: u64) -> Result<Self> {
        let needed = |chunk: u64| BUFFERS * chunk.min(bytes);
        let mut chunk_size = CHUNK;
        while chunk_size > LEAST_CHUNK && limits::check_room("chunks", needed(chunk_size)).is_err() {
            chunk_size /= 2;
        }
        limits::check_room("chunks", needed(chunk_size))?;
        Ok(Self { chunk_size })
    }
}

/// For chunks that are there already.
impl Default for Cpu {
    fn default() -> Self {
        Self { chunk_size: CHUNK }
    }
}

impl Backend for Cpu {
    fn kind(&self) -> &'static str {
        "cpu"
    }

    fn name(&self) -> String {
        let threads = rayon::current_num_threads();
        format!("CPU reference on {threads} threads")
    }

    fn chunk_size(&self) -> u64 {
        self.chunk_size
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
