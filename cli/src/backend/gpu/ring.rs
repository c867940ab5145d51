//! The staging ring under chunks of every size and sinks of every kind.

use std::time::Duration;

use anyhow::bail;
use safetensors::Dtype;
use weightinit::{DType, Fill, Law};

use super::*;
use crate::model::header::Declared;
use crate::model::job::{Content, Why};
use crate::testing::{adapter, ends, random};

fn tensors() -> Vec<Tensor> {
    let tensor = |name: &str, law, (dtype, stored), elements| {
        let fill = Fill::new(0, law, dtype, elements).unwrap().with_stream(name);
        let declared = Declared { name: name.to_owned(), shape: vec![elements], dtype: stored };
        Tensor::new(declared, elements, Content::Request(fill.into()), Why::default())
    };
    let wide = (DType::F32, Dtype::F32);
    vec![
        tensor("normal", Law::normal(0.0, 0.02), wide, 300_001),
        tensor("constant", Law::Constant(0.5), wide, 70_000),
        tensor("uniform", Law::uniform(-0.1, 0.1), (DType::BF16, Dtype::BF16), 200_003),
    ]
}

/// The tensors' bytes cut into chunks of random sizes, down to one element.
fn chunks(tensors: &[Tensor], seed: u64) -> Vec<Chunk> {
    let sizes = random(seed, 4096, 60_000);
    let mut sizes = sizes.iter().enumerate().map(|(number, size)| 1 + (size >> (number % 16)) as u64);
    let (mut chunks, mut offset) = (Vec::new(), 72);
    for (tensor, Tensor { dtype, elements, .. }) in tensors.iter().enumerate() {
        let (mut done, width) = (0, crate::model::dtype::size(*dtype));
        while done < *elements {
            let count = sizes.next().unwrap().min(elements - done);
            let bytes = count * width;
            let piece = Piece { tensor, elements: done..done + count, offset: 0, bytes };
            chunks.push(Chunk { offset, bytes, pieces: vec![piece] });
            offset += bytes;
            done += count;
        }
    }
    chunks
}

/// The staging ring with chunks of every size, a sink that is now quick, now slow, and one that fails: bytes in order,
/// no deadlock, and a device that goes on working.
#[test]
fn the_ring_survives_whatever_its_sink_does() {
    ends(|| {
        let tensors = tensors();
        let expected: Vec<u8> =
            tensors.iter().filter_map(Tensor::fill).flat_map(|fill| weightinit::cpu::bytes(fill).unwrap()).collect();
        let gpu = Gpu::new(&adapter(), tensors.iter().filter_map(Tensor::request), Parts::Any).unwrap();
        for seed in 0..6 {
            let chunks = chunks(&tensors, seed);
            let pace = random(!seed, chunks.len(), 2000);
            let failing = random(seed + 1000, 1, chunks.len())[0];
            for fails_at in [Some(failing), None] {
                let (mut bytes, mut taken) = (Vec::new(), 0);
                let result = gpu.run_chunks(&tensors, chunks.iter().cloned(), &mut Host::default(), &mut |_, more| {
                    if fails_at == Some(taken) {
                        bail!("the disk is full");
                    }
                    std::thread::sleep(Duration::from_micros(pace[taken] as u64));
                    bytes.extend_from_slice(more);
                    taken += 1;
                    Ok(())
                });
                match fails_at {
                    Some(at) => {
                        assert_eq!(result.unwrap_err().to_string(), "the disk is full");
                        assert_eq!(taken, at);
                        assert!(expected.starts_with(&bytes), "seed {seed}: the first {at} chunks");
                    }
                    None => {
                        result.unwrap();
                        assert!(bytes == expected, "seed {seed}: {} chunks", chunks.len());
                    }
                }
            }
        }
    });
}
