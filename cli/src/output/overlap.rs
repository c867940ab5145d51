//! Computing and writing at the same time.

use std::io::{BufWriter, Write};
use std::sync::mpsc::sync_channel;

use anyhow::{Context, Result};

use crate::output::buffer::Bytes;
use crate::threads;

/// Buffers between the backend and the writer.
const QUEUE: usize = 3;
/// The same with the one that is being computed and the one that is being written.
pub(crate) const BUFFERS: u64 = QUEUE as u64 + 2;

/// Writes what `produce` gives to its sink, on a thread of its own, so that computing and writing overlap. The sink
/// takes the bytes and leaves a buffer that was written before.
pub(crate) fn write_overlapped(
    writer: impl Write + Send,
    produce: impl FnOnce(&mut dyn FnMut(&mut Bytes) -> Result<()>) -> Result<()>,
) -> Result<()> {
    let (full, to_write) = sync_channel::<Bytes>(QUEUE);
    let (used, spare) = sync_channel::<Bytes>(BUFFERS as usize);
    std::thread::scope(|scope| {
        let writing = threads::spawn_scoped(scope, "writer", move || -> std::io::Result<()> {
            let mut writer = BufWriter::new(writer);
            for mut bytes in to_write {
                writer.write_all(&bytes)?;
                bytes.own();
                // Where the producer is done, nobody takes buffers back.
                let _ = used.try_send(bytes);
            }
            writer.flush()
        })?;
        let produced = produce(&mut |bytes| {
            full.send(std::mem::take(bytes)).ok().context("writing stopped")?;
            // Only now: what was waited for has left a buffer.
            *bytes = spare.try_recv().unwrap_or_default();
            Ok(())
        });
        drop(full);
        let written = writing.join().map_err(|_| anyhow::anyhow!("the writer failed"))?;
        // Where writing failed, the producer's error only says that nobody listened.
        written?;
        produced
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::bail;

    use super::*;
    use crate::testing::{ends, random};

    /// What goes wrong, and at which chunk or byte.
    #[derive(Clone, Copy, Debug)]
    enum Trouble {
        Nothing,
        WriterFails(usize),
        WriterPanics(usize),
        FlushFails,
        ProducerFails(usize),
        ProducerPanics(usize),
        /// It goes on after its sink has failed.
        ProducerIsDeaf(usize),
    }
    use Trouble::*;

    /// Takes a few bytes at a time, slowly.
    struct Slow {
        written: Vec<u8>,
        pace: Vec<usize>,
        trouble: Trouble,
    }

    impl Write for &mut Slow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let pace = self.pace[self.written.len() % self.pace.len()];
            std::thread::sleep(Duration::from_micros(pace as u64 % 200));
            match self.trouble {
                WriterFails(at) | ProducerIsDeaf(at) if self.written.len() >= at => {
                    return Err(std::io::Error::other("the disk is full"));
                }
                WriterPanics(at) if self.written.len() >= at => panic!("a broken writer"),
                _ => {}
            }
            let count = bytes.len().min(1 + pace);
            self.written.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            if matches!(self.trouble, FlushFails) { Err(std::io::Error::other("the disk is full")) } else { Ok(()) }
        }
    }

    /// Gives chunks of any size to the sink.
    fn produce(chunks: &[Vec<u8>], trouble: Trouble, sink: &mut dyn FnMut(&mut Bytes) -> Result<()>) -> Result<()> {
        for (number, chunk) in chunks.iter().enumerate() {
            match trouble {
                ProducerFails(at) if number == at => bail!("the GPU is gone"),
                ProducerPanics(at) if number == at => panic!("a broken producer"),
                _ => {}
            }
            let taken = sink(&mut Bytes::of(chunk));
            if !matches!(trouble, ProducerIsDeaf(_)) {
                taken?;
            }
        }
        Ok(())
    }

    /// Sizes from nothing to several of the writer's buffers.
    fn chunks(seed: u64) -> Vec<Vec<u8>> {
        let sizes = random(seed, 40, 1 << 16);
        sizes.iter().enumerate().map(|(number, &size)| vec![number as u8; size >> (number % 17)]).collect()
    }

    /// What was written, and how it ended.
    fn run(chunks: &[Vec<u8>], seed: u64, trouble: Trouble) -> (Vec<u8>, Result<()>) {
        let mut slow = Slow { written: Vec::new(), pace: random(!seed, 101, 1 << 15), trouble };
        let result = write_overlapped(&mut slow, |sink| produce(chunks, trouble, sink));
        (slow.written, result)
    }

    /// Whatever happens, it comes to an end, what was written is in order, and the error is the one that came first.
    #[test]
    fn writing_survives_whatever_happens() {
        for seed in 0..12 {
            let chunks = chunks(seed);
            let whole = chunks.concat();
            let (number, byte) = (random(seed + 100, 1, chunks.len())[0], random(seed + 200, 1, whole.len())[0]);
            for trouble in [
                Nothing,
                WriterFails(byte),
                WriterPanics(byte),
                FlushFails,
                ProducerFails(number),
                ProducerPanics(number),
                ProducerIsDeaf(byte),
            ] {
                let given = chunks.clone();
                let outcome = ends(move || std::panic::catch_unwind(|| run(&given, seed, trouble)));
                let Ok((written, result)) = outcome else {
                    assert!(matches!(trouble, ProducerPanics(_)), "seed {seed}, {trouble:?}");
                    continue;
                };
                assert!(whole.starts_with(&written), "seed {seed}, {trouble:?}: {} bytes", written.len());
                let error = result.err();
                let message = error.as_ref().map(ToString::to_string);
                let expected = match trouble {
                    Nothing => None,
                    WriterFails(_) | FlushFails | ProducerIsDeaf(_) => Some("the disk is full"),
                    WriterPanics(_) => Some("the writer failed"),
                    ProducerFails(_) => Some("the GPU is gone"),
                    ProducerPanics(_) => unreachable!("caught above"),
                };
                assert_eq!(message.as_deref(), expected, "seed {seed}, {trouble:?}");
                let sound = |trouble| matches!(trouble, Nothing | FlushFails);
                assert!(written == whole || !sound(trouble), "seed {seed}, {trouble:?}: {} bytes", written.len());
            }
        }
    }
}
