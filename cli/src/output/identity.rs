//! What decides the bytes of a file, so that one job is told from another.

use std::io::Write;
use std::ops::Range;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use twox_hash::{XxHash3_128, XxHash64};
use weightinit::law::Math;
use weightinit::request::Whole;
use weightinit::{Law, Request};

use crate::model::job::{Content, Tensor};

/// What decides the bytes of a file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity {
    contract: u32,
    seed: u64,
    /// Bytes before the data.
    header: u64,
    tensors: Vec<TensorIdentity>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct TensorIdentity {
    name: String,
    dtype: String,
    shape: Vec<u64>,
    /// Of the kernel and all the data that it reads.
    contents: u64,
}

impl Identity {
    /// Of `tensors`, after a header of so many bytes.
    pub(crate) fn new(seed: u64, tensors: &[Tensor], header: u64) -> Self {
        let identity = |tensor: &Tensor| TensorIdentity {
            name: tensor.name.clone(),
            dtype: format!("{:?}", tensor.dtype),
            shape: tensor.shape.clone(),
            contents: contents(tensor),
        };
        Self { contract: 1, seed, header, tensors: tensors.iter().map(identity).collect() }
    }

    /// 128 bits that tell this from whatever else decides bytes, and from the same for another use (`what`).
    pub(crate) fn digest(&self, what: &str) -> Result<String> {
        let mut hash = Digest(XxHash3_128::new());
        writeln!(hash, "{what}")?;
        serde_json::to_writer(&mut hash, self)?;
        Ok(format!("{:032x}", hash.0.finish_128()))
    }

    /// In what way `begun` was another job, after "was begun".
    pub(crate) fn difference(&self, begun: &Self) -> Option<String> {
        if self == begun {
            return None;
        }
        if self.contract != begun.contract {
            return Some(format!("by version {} of the contract, not {}", begun.contract, self.contract));
        }
        if self.seed != begun.seed {
            return Some(format!("with seed {}, not {}", begun.seed, self.seed));
        }
        let pair = begun.tensors.iter().zip(&self.tensors).find(|(begun, now)| begun != now);
        Some(match pair {
            None if begun.tensors.len() == self.tensors.len() => {
                format!(
                    "by another version of weightinit, with a header of {} bytes, not {}",
                    begun.header, self.header
                )
            }
            None => format!("with {} tensors, not {}", begun.tensors.len(), self.tensors.len()),
            Some((begun, now)) if begun.name != now.name => {
                format!("with tensor '{}' where now '{}' is", begun.name, now.name)
            }
            Some((begun, now)) if (&begun.dtype, &begun.shape) != (&now.dtype, &now.shape) => format!(
                "with tensor '{}' as {} {:?}, not {} {:?}",
                now.name, begun.dtype, begun.shape, now.dtype, now.shape
            ),
            Some((_, now)) => format!("with another initializer, parameter or stream of tensor '{}'", now.name),
        })
    }
}

/// A hash of what a tensor's bytes mean: the law with its parameters, not what kernels and tables are called here.
fn contents(tensor: &Tensor) -> u64 {
    let mut bytes: Vec<_> = tensor.kept.iter().flat_map(|kept| kept.identity().into_bytes()).collect();
    match &tensor.content {
        Content::Request(request) => bytes.extend(meaning(request).bytes()),
        Content::Integers(elements) => bytes.extend(elements),
        Content::Nothing => {}
    }
    XxHash64::oneshot(0, &bytes)
}

/// The request in words that stay: numbers by their bits.
fn meaning(request: &Request) -> String {
    let Range { start, end } = request.elements();
    let what = match request {
        Request::Fill(fill) => {
            let (seed, stream, structure) = (fill.seed(), fill.stream().0, fill.structure());
            format!("seed {seed} stream {stream:x} law {} structure {structure:?}", law(fill.law()))
        }
        Request::Orthogonal(orthogonal) => format!("{orthogonal:?}"),
        Request::Slice(sliced) => {
            let of = match sliced.of() {
                Whole::Fill(fill) => meaning(&fill.into()),
                other => format!("{other:?}"),
            };
            let slice = sliced.slice();
            format!("of {of} shape {:?} offsets {:?} sizes {:?}", slice.shape(), slice.offsets(), slice.sizes())
        }
        other => format!("{other:?}"),
    };
    format!("{what} as {} elements {start}..{end}", request.dtype())
}

fn law(law: &Law) -> String {
    let bits = |numbers: &[f64]| numbers.iter().map(|x| format!(" {:x}", x.to_bits())).collect::<String>();
    let numbers = match law {
        Law::Constant(value) => bits(&[*value]),
        Law::Uniform { low, high } => bits(&[*low, *high]),
        Law::Normal { mean, std, math } => bits(&[*mean, *std]) + if *math == Math::Native { " native" } else { "" },
        Law::Tabulated { table, mean, std, low, high, .. } => {
            let table = XxHash64::oneshot(0, &table.to_le_bytes());
            format!("{} table {table:x}", bits(&[*mean, *std, *low, *high]))
        }
        Law::Listed(values) => bits(values),
        other => format!(" {other:?}"),
    };
    law.name().to_owned() + &numbers
}

struct Digest(XxHash3_128);

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places in a file depend on its header: with another one, by an older version, nothing goes on.
    #[test]
    fn another_header_is_another_job() {
        let of = |header| Identity { contract: 1, seed: 7, header, tensors: Vec::new() };
        assert_eq!(of(64).difference(&of(64)), None);
        let difference = of(128).difference(&of(72)).unwrap();
        assert_eq!(difference, "by another version of weightinit, with a header of 72 bytes, not 128");
        let older = r#"{"contract":1,"seed":7,"tensors":[]}"#;
        assert!(serde_json::from_str::<Identity>(older).is_err());
    }
}
