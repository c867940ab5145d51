//! Several adapters at once: each takes the next chunk when it is free, and the chunks come together in order.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, bail};

use super::gpu::Gpu;
use super::{Backend, Host, Sink};
use crate::backend::chunk::Chunk;
use crate::model::job::Tensor;
use crate::output::buffer::Bytes;
use crate::threads;

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
        let workers = self.gpus.iter().map(|gpu| {
            // Orthogonal matrices on the CPU, since a tensor may be in chunks of different adapters, whose last bits
            // differ.
            |mine: Mine<'_>, done: Sink<'_>| gpu.run_chunks(tensors, mine, &mut Host::portable(), done)
        });
        share(chunks, workers, sink)
    }
}

/// The chunks that a worker takes, one at a time.
type Mine<'a> = &'a mut dyn Iterator<Item = Chunk>;

/// Shares `chunks` among `workers`, each of which computes those that it takes and hands them on in the same order.
fn share<W>(chunks: &[Chunk], workers: impl Iterator<Item = W>, sink: Sink<'_>) -> Result<()>
where
    W: FnOnce(Mine<'_>, Sink<'_>) -> Result<()> + Send,
{
    let next = Mutex::new(0);
    let (takers, order) = channel();
    std::thread::scope(|scope| {
        let (mut running, mut results) = (Vec::new(), Vec::new());
        for (number, work) in workers.enumerate() {
            let (done, result) = sync_channel(AHEAD);
            results.push(result);
            let worker = Worker { number, next: &next, takers: takers.clone(), done };
            running.push(threads::spawn_scoped(scope, "adapter", move || worker.run(chunks, work))?);
        }
        // Only workers hold senders now, so that waiting for them ends when they do.
        drop(takers);
        let written = write_in_order(chunks.len(), &order, &results, sink);
        *next.lock().unwrap_or_else(PoisonError::into_inner) = chunks.len();
        drop(results);
        let mut worked: Vec<_> = running.into_iter().map(|worker| worker.join()).collect();
        // Where one stopped early, the others only say that nobody takes their chunks any more.
        let (suspects, complete) = match written {
            Ok(()) => (0..worked.len(), true),
            Err(Stopped::Sink(error)) => return Err(error),
            Err(Stopped::Worker(number)) => (number..number + 1, false),
            Err(Stopped::EveryWorker) => (0..worked.len(), false),
        };
        let failed = worked.drain(suspects).find_map(|worked| match worked {
            Ok(worked) => worked.err(),
            Err(_) => Some(anyhow!("an adapter's thread failed")),
        });
        match failed {
            Some(error) => Err(error),
            None if complete => Ok(()),
            None => bail!("an adapter stopped early"),
        }
    })
}

/// One adapter's share of the work.
struct Worker<'a> {
    number: usize,
    /// Index of the first chunk that nobody has taken.
    next: &'a Mutex<usize>,
    /// Who took the chunks, in their order.
    takers: Sender<usize>,
    done: SyncSender<(Chunk, Bytes)>,
}

impl Worker<'_> {
    fn run(self, chunks: &[Chunk], work: impl FnOnce(Mine<'_>, Sink<'_>) -> Result<()>) -> Result<()> {
        let mut mine = std::iter::from_fn(|| self.take(chunks));
        work(&mut mine, &mut |chunk, bytes| {
            self.done.send((chunk.clone(), std::mem::take(bytes))).ok().context("writing stopped")
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
    /// This one, before it gave a chunk that it had taken.
    Worker(usize),
    /// All of them, before every chunk was taken.
    EveryWorker,
}

fn write_in_order(
    count: usize,
    order: &Receiver<usize>,
    results: &[Receiver<(Chunk, Bytes)>],
    sink: Sink<'_>,
) -> Result<(), Stopped> {
    for _ in 0..count {
        let taker = order.recv().map_err(|_| Stopped::EveryWorker)?;
        let (chunk, mut bytes) = results[taker].recv().map_err(|_| Stopped::Worker(taker))?;
        sink(&chunk, &mut bytes).map_err(Stopped::Sink)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use super::*;
    use crate::testing::{ends, random};

    /// What goes wrong, and at which chunk.
    #[derive(Clone, Copy, Debug)]
    enum Trouble {
        Nothing,
        SinkFails(u64),
        WorkerFails(u64),
        WorkerPanics(u64),
        /// Whoever takes this chunk or a later one ends without a word.
        WorkersEnd(u64),
    }
    use Trouble::*;

    const CHUNKS: usize = 60;

    fn numbered() -> Vec<Chunk> {
        (0..CHUNKS).map(|number| Chunk { offset: 0, bytes: number as u64, pieces: Vec::new() }).collect()
    }

    /// As an adapter works: a few chunks in flight, now quick, now slow.
    fn work(seed: u64, trouble: Trouble, mine: Mine<'_>, done: Sink<'_>) -> Result<()> {
        let pace = random(seed, CHUNKS, 2000);
        let mut in_flight = VecDeque::new();
        let mut finish = |chunk: Chunk| {
            std::thread::sleep(Duration::from_micros(pace[chunk.bytes as usize] as u64));
            done(&chunk, &mut Bytes::of(&chunk.bytes.to_le_bytes()))
        };
        for chunk in mine {
            match trouble {
                WorkerFails(at) if chunk.bytes == at => bail!("the GPU is gone"),
                WorkerPanics(at) if chunk.bytes == at => panic!("a broken adapter"),
                WorkersEnd(at) if chunk.bytes >= at => return Ok(()),
                _ => in_flight.push_back(chunk),
            }
            if in_flight.len() > 3 {
                in_flight.pop_front().into_iter().try_for_each(&mut finish)?;
            }
        }
        in_flight.into_iter().try_for_each(finish)
    }

    fn run(seed: u64, workers: u64, trouble: Trouble) -> (Vec<u64>, Result<()>) {
        let mut taken = Vec::new();
        let workers = (0..workers)
            .map(|worker| move |mine: Mine<'_>, done: Sink<'_>| work(seed * 100 + worker, trouble, mine, done));
        let result = share(&numbered(), workers, &mut |chunk, bytes| {
            if matches!(trouble, SinkFails(at) if at == chunk.bytes) {
                bail!("the disk is full");
            }
            assert_eq!(**bytes, chunk.bytes.to_le_bytes());
            taken.push(chunk.bytes);
            Ok(())
        });
        (taken, result)
    }

    /// Whatever happens, it comes to an end, chunks are in order, and the error is the one that came first.
    #[test]
    fn sharing_survives_whatever_happens() {
        for seed in 0..10 {
            let at = random(seed + 1000, 1, CHUNKS)[0] as u64;
            let workers = 1 + seed % 4;
            for trouble in [Nothing, SinkFails(at), WorkerFails(at), WorkerPanics(at), WorkersEnd(at)] {
                let (taken, result) = ends(move || run(seed, workers, trouble));
                let context = format!("seed {seed}, {workers} workers, {trouble:?}: {taken:?}");
                assert!(taken.iter().copied().eq(0..taken.len() as u64), "{context}");
                let error = result.err().map(|error| error.to_string());
                let (expected, count) = match trouble {
                    Nothing => (None, CHUNKS),
                    SinkFails(at) => (Some("the disk is full"), at as usize),
                    WorkerFails(at) => (Some("the GPU is gone"), at as usize),
                    WorkerPanics(at) => (Some("an adapter's thread failed"), at as usize),
                    WorkersEnd(at) => (Some("an adapter stopped early"), at as usize),
                };
                assert_eq!(error.as_deref(), expected, "{context}");
                // A worker's chunks in flight are lost with it.
                let exact = matches!(trouble, Nothing | SinkFails(_));
                assert!(if exact { taken.len() == count } else { taken.len() <= count }, "{context}");
            }
        }
    }
}
