//! One file: its header, then chunks that a backend computes while earlier ones are written.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::args::InitArguments;
use crate::backend::chunk::{Chunk, chunks};
use crate::backend::{self, Backend, Host, Parts};
use crate::file::safetensors;
use crate::model::job::{Job, Tensor};
use crate::output::buffer::Bytes;
use crate::output::destination::Output;
use crate::output::identity::Identity;
use crate::output::overlap::write_overlapped;
use crate::progress::{self, Progress, Watch, note};

/// What a file is to hold.
pub(super) struct Contents<'a> {
    pub(super) header: Vec<u8>,
    pub(super) seed: u64,
    pub(super) tensors: &'a [Tensor],
}

impl Contents<'_> {
    pub(super) fn bytes(&self) -> u64 {
        self.header.len() as u64 + self.tensors.iter().map(Tensor::bytes).sum::<u64>()
    }

    /// Begins the file, or goes on with it.
    pub(super) fn begin(&self, path: &Path, resume: bool) -> Result<Output> {
        if resume {
            let identity = Identity::new(self.seed, self.tensors, self.header.len() as u64);
            Output::resume(path, self.bytes(), &identity)
        } else {
            Output::create(path, self.bytes())
        }
    }

    /// Writes what is left of the file, and gives it its name.
    pub(super) fn fill(
        &self,
        mut output: Output,
        path: &Path,
        backend: &mut dyn Backend,
        host: &mut Host,
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        let header = self.header.len() as u64;
        let chunks: Vec<_> = chunks(self.tensors, header, backend.chunk_size()).collect();
        let (first, offset) = rest(&chunks, header, output.done());
        if offset > 0 {
            let (done, all) = (progress::size(offset), progress::size(self.bytes()));
            note(&format!("{}: going on at {done} of {all}", path.display()));
        }
        progress.advance(chunks[..first].iter().map(Chunk::elements).sum())?;
        let written = output.writer(offset).and_then(|writer| {
            write_overlapped(writer, |sink| {
                if offset == 0 {
                    sink(&mut Bytes::of(&self.header))?;
                }
                backend.run(self.tensors, &chunks[first..], host, &mut |chunk, bytes| {
                    sink(bytes)?;
                    progress.advance(chunk.elements())
                })
            })
        });
        written.with_context(|| format!("cannot write {}", path.display())).and_then(|()| output.finish())
    }
}

pub(super) fn write(arguments: &InitArguments, job: &Job, path: &Path, watch: Watch<'_>) -> Result<Value> {
    let start = Instant::now();
    let header = safetensors::header(&job.tensors, &safetensors::notes(job.seed))?;
    let contents = Contents { header, seed: job.seed, tensors: &job.tensors };
    let output = contents.begin(path, arguments.resume)?;
    let requests: Vec<_> = job.requests().collect();
    let mut backend = backend::choose(&arguments.backend, &requests, Parts::Any)?;
    let mut host = if arguments.resume { Host::portable() } else { Host::default() };
    let finished = contents.fill(output, path, &mut *backend, &mut host, &mut Progress::of(job.elements(), watch));
    if arguments.resume {
        finished.context("what is written is kept, and the same command goes on from there")?;
    } else {
        finished?;
    }

    let seconds = start.elapsed().as_secs_f64();
    let (parameters, tensors) = (job.parameters(), job.tensors.len());
    note(&format!(
        "{parameters} parameters in {tensors} tensors, {} in {seconds:.2} s ({}) by {} -> {}",
        progress::size(job.bytes()),
        progress::rate(job.elements(), seconds),
        backend.name(),
        path.display()
    ));
    Ok(json!({
        "output": path.display().to_string(),
        "backend": backend.kind(),
        "processor": backend.name(),
        "seed": job.seed,
        "tensors": tensors,
        "parameters": parameters,
        "elements": job.elements(),
        "bytes": job.bytes(),
        "seconds": seconds,
        "elements_per_second": job.elements() as f64 / seconds,
    }))
}

/// Which chunks are not among the first `done` bytes of the file, and where they begin in it; the header is the first
/// to be.
fn rest(chunks: &[Chunk], header: u64, done: u64) -> (usize, u64) {
    if done < header {
        return (0, 0);
    }
    let first = chunks.partition_point(|chunk| chunk.offset + chunk.bytes <= done);
    (first, chunks[..first].last().map_or(header, |chunk| chunk.offset + chunk.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_that_are_whole_are_not_computed_again() {
        let chunks = [(8, 10), (18, 20), (38, 5)].map(|(offset, bytes)| Chunk { offset, bytes, pieces: Vec::new() });
        for (done, expected) in [
            (0, (0, 0)),
            (7, (0, 0)),
            (8, (0, 8)),
            (17, (0, 8)),
            (18, (1, 18)),
            (37, (1, 18)),
            (38, (2, 38)),
            (43, (3, 43)),
        ] {
            assert_eq!(rest(&chunks, 8, done), expected, "{done}");
        }
    }
}
