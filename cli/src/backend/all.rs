//! Several adapters at once: each takes the next chunk when it is free, and the chunks come together in order.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};

use super::gpu::Gpu;
use super::{Backend, Host, Sink};
use crate::chunk::Chunk;
use crate::job::Tensor;

/// Chunks that an adapter may be ahead of the writer, beside those in its own ring.
const AHEAD: usize = 1;

pub(crate) struct All {
    pub(crate) gpus: Vec<Gpu>,
}

impl Backend for All {
    fn kind(&self) -> &'static str {
        "gpu"
    }

    fn name(&self) -> String {
        self.gpus.iter().map(Backend::name).collect::<Vec<_>>().join(" and ")
    }

    fn run(&mut self, tensors: &[Tensor], chunks: &[Chunk], _: &mut Host, sink: Sink<'_>) -> Result<()> {
        let next = Mutex::new(0);
        let (takers, order) = channel();
        std::thread::scope(|scope| {
            let (mut workers, mut results) = (Vec::new(), Vec::new());
            for (number, gpu) in self.gpus.iter_mut().enumerate() {
                let (done, result) = sync_channel(AHEAD);
                results.push(result);
                let worker = Worker { number, next: &next, takers: takers.clone(), done };
                workers.push(scope.spawn(move || worker.run(gpu, tensors, chunks)));
            }
            // Only workers hold senders now, so that waiting for them ends when they do.
            drop(takers);
            let written = write_in_order(chunks.len(), &order, &results, sink);
            *next.lock().unwrap_or_else(PoisonError::into_inner) = chunks.len();
            drop(results);
            for worker in workers {
                let worked = worker.join().map_err(|_| anyhow!("an adapter's thread failed"))?;
                // Where writing failed, workers only say that nobody takes their chunks.
                if !matches!(written, Err(Stopped::Sink(_))) {
                    worked?;
                }
            }
            written.map_err(|stopped| match stopped {
                Stopped::Sink(error) => error,
                Stopped::Worker => anyhow!("an adapter stopped early"),
            })
        })
    }
}

/// One adapter's share of the work.
struct Worker<'a> {
    number: usize,
    /// Index of the first chunk that nobody has taken.
    next: &'a Mutex<usize>,
    /// Who took the chunks, in their order.
    takers: Sender<usize>,
    done: SyncSender<(Chunk, Vec<u8>)>,
}

impl Worker<'_> {
    fn run(self, gpu: &mut Gpu, tensors: &[Tensor], chunks: &[Chunk]) -> Result<()> {
        let mine = std::iter::from_fn(|| self.take(chunks));
        gpu.run_chunks(tensors, mine, &mut Host::portable(), &mut |chunk, bytes| {
            self.done.send((chunk.clone(), bytes.to_vec())).ok().context("writing stopped")
        })
    }

    fn take(&self, chunks: &[Chunk]) -> Option<Chunk> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let chunk = chunks.get(*next)?.clone();
        *next += 1;
        // Under the lock, so that takers are in the chunks' order.
        self.takers.send(self.number).ok()?;
        Some(chunk)
    }
}

enum Stopped {
    Sink(anyhow::Error),
    Worker,
}

fn write_in_order(
    count: usize,
    order: &Receiver<usize>,
    results: &[Receiver<(Chunk, Vec<u8>)>],
    sink: Sink<'_>,
) -> Result<(), Stopped> {
    for _ in 0..count {
        let taker = order.recv().map_err(|_| Stopped::Worker)?;
        let (chunk, bytes) = results[taker].recv().map_err(|_| Stopped::Worker)?;
        sink(&chunk, &bytes).map_err(Stopped::Sink)?;
    }
    Ok(())
}
