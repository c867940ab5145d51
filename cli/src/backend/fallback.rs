//! A device that may fail: the CPU then does the rest, from the chunk that failed on.

use anyhow::Result;

use super::cpu::Cpu;
use super::{Backend, Host, Sink};
use crate::backend::chunk::Chunk;
use crate::model::job::Tensor;
use crate::progress::note;

pub(super) struct Fallback {
    first: Box<dyn Backend>,
    failed: bool,
}

impl Fallback {
    pub(super) fn new(first: Box<dyn Backend>) -> Self {
        Self { first, failed: false }
    }
}

impl Backend for Fallback {
    fn kind(&self) -> &'static str {
        if self.failed { "gpu and cpu" } else { self.first.kind() }
    }

    fn name(&self) -> String {
        if self.failed { format!("{} and {}", self.first.name(), Cpu::default().name()) } else { self.first.name() }
    }

    fn chunk_size(&self) -> u64 {
        self.first.chunk_size()
    }

    fn run(&mut self, tensors: &[Tensor], chunks: &[Chunk], host: &mut Host, sink: Sink<'_>) -> Result<()> {
        let (mut taken, mut refused) = (0, false);
        let computed = self.first.run(tensors, chunks, host, &mut |chunk, bytes| {
            let result = sink(chunk, bytes);
            refused = result.is_err();
            taken += usize::from(!refused);
            result
        });
        match computed {
            Err(error) if !refused => {
                note(&format!("{error:#}; the CPU goes on with the same bits"));
                self.failed = true;
                // With the same host: it has the orthogonal tensor that is half done, of which the CPU's bits differ.
                Cpu::default().run(tensors, &chunks[taken..], host, sink)
            }
            computed => computed,
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;
    use weightinit::{DType, Fill, Initializer, Law, Layout, cpu};

    use super::*;
    use crate::backend::chunk::{CHUNK, chunks};
    use crate::backend::fills;
    use crate::model::dtype;
    use crate::model::header::Declared;
    use crate::model::job::{Content, Why};
    use crate::output::buffer::Bytes;

    const SAMPLES: u64 = 10_000_001;

    /// Two tensors of several chunks: one of samples, and an orthogonal one.
    fn tensors() -> Vec<Tensor> {
        let normal = Fill::new(0, Law::normal(0.0, 1.0), DType::F32, SAMPLES).unwrap();
        let orthogonal = Initializer::orthogonal(1.0).request(0, &[3_600_000, 2], Layout::Torch, DType::F32).unwrap();
        let tensor = |name: &str, elements, content| {
            let declared = Declared { name: name.to_owned(), shape: vec![elements], dtype: dtype::stored(DType::F32) };
            Tensor::new(declared, elements, content, Why::default())
        };
        vec![
            tensor("normal", SAMPLES, Content::Request(normal.into())),
            tensor("orthogonal", 7_200_000, Content::Request(orthogonal)),
        ]
    }

    /// The CPU with orthogonal tensors all of one byte, as a device whose bits differ; it fails after some chunks.
    struct Failing(usize);

    impl Backend for Failing {
        fn kind(&self) -> &'static str {
            "gpu"
        }

        fn name(&self) -> String {
            "a device".to_owned()
        }

        fn run(&mut self, tensors: &[Tensor], chunks: &[Chunk], host: &mut Host, sink: Sink<'_>) -> Result<()> {
            for (number, chunk) in chunks.iter().enumerate() {
                if number == self.0 {
                    bail!("a device: the device is lost");
                }
                let mut bytes = Bytes::default();
                let buffer = bytes.own();
                buffer.reset(chunk.bytes as usize, chunk.offset);
                for (fill, range) in fills(tensors, chunk)? {
                    cpu::write(&fill, &mut buffer[range])?;
                }
                host.write(tensors, chunk, buffer, &|tensor| Ok(vec![7; tensor.byte_count() as usize]))?;
                sink(chunk, &mut bytes)?;
            }
            Ok(())
        }
    }

    fn bytes(backend: &mut dyn Backend, tensors: &[Tensor]) -> Result<Vec<u8>> {
        let (mut all, chunks): (Vec<u8>, Vec<_>) = (Vec::new(), chunks(tensors, 0, CHUNK).collect());
        backend.run(tensors, &chunks, &mut Host::default(), &mut |_, bytes| {
            all.extend_from_slice(bytes);
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn the_cpu_goes_on_with_the_same_bits() {
        let tensors = tensors();
        let expected = bytes(&mut Failing(usize::MAX), &tensors).unwrap();
        let by_cpu = bytes(&mut Cpu::default(), &tensors).unwrap();
        let samples = 4 * SAMPLES as usize;
        assert!(expected[..samples] == by_cpu[..samples] && expected[samples..] != by_cpu[samples..]);
        assert_eq!(chunks(&tensors, 0, CHUNK).count(), 3);
        for failing_at in 0..3 {
            assert!(bytes(&mut Failing(failing_at), &tensors).is_err());
            let mut fallback = Fallback::new(Box::new(Failing(failing_at)));
            let found = bytes(&mut fallback, &tensors).unwrap();
            assert_eq!((fallback.kind(), fallback.name().contains(" and CPU reference on ")), ("gpu and cpu", true));
            // The orthogonal tensor begins in the second chunk, and is whole by the one or by the other.
            let whole = if failing_at < 2 { &by_cpu } else { &expected };
            assert!(found == *whole, "after {failing_at} chunks");
        }
    }

    /// What the writer refuses is no failure of the device.
    #[test]
    fn failures_of_the_sink_are_the_callers() {
        let tensors = tensors();
        let chunks: Vec<_> = chunks(&tensors, 0, CHUNK).collect();
        let mut fallback = Fallback::new(Box::new(Failing(2)));
        let mut calls = 0;
        let refused = fallback.run(&tensors, &chunks, &mut Host::default(), &mut |_, _| {
            calls += 1;
            if calls == 2 { bail!("the disk is full") } else { Ok(()) }
        });
        assert_eq!(
            (refused.unwrap_err().to_string(), calls, fallback.kind()),
            ("the disk is full".to_owned(), 2, "gpu")
        );
    }
}
