//! Journals of resumable runs: which job a partial file belongs to, and how much of it is on disk.
//!
//! The first line is the job as JSON. Each further line is a number of bytes that were on disk when it was written; one
//! without its line break is not complete and does not count.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;
use weightinit::law::Math;
use weightinit::{Law, Request};

use crate::model::job::{self, Content, Tensor};

/// Bytes between two lines: what is lost at most, and what the disk is waited for.
pub(crate) const INTERVAL: u64 = 64 << 20;

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
    pub(crate) fn new(job: &job::Job, header: u64) -> Self {
        let identity = |tensor: &Tensor| TensorIdentity {
            name: tensor.name.clone(),
            dtype: format!("{:?}", tensor.dtype),
            shape: tensor.shape.clone(),
            contents: contents(&tensor.content),
        };
        Self { contract: 1, seed: job.seed, header, tensors: job.tensors.iter().map(identity).collect() }
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
fn contents(content: &Content) -> u64 {
    let mut bytes = Vec::new();
    match content {
        Content::Request(request) => bytes.extend(meaning(request).bytes()),
        Content::Integer(element) => bytes.extend(element),
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

/// An open journal.
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Begins the journal of `job`.
    pub(crate) fn create(path: &Path, job: &Identity) -> std::io::Result<Self> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        writeln!(file, "{}", serde_json::to_string(job)?)?;
        file.sync_all()?;
        Ok(Self { file })
    }

    /// The job of the journal and the bytes that are on disk, if there is a journal that says so.
    pub(crate) fn read(path: &Path) -> std::io::Result<Option<(Identity, u64)>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        let job = lines.next().and_then(|line| serde_json::from_str(line).ok());
        let done = lines.filter_map(|line| line.parse().ok()).next_back().unwrap_or(0);
        Ok(job.map(|job| (job, done)))
    }

    /// Goes on with a journal.
    pub(crate) fn reopen(path: &Path) -> std::io::Result<Self> {
        let mut file = OpenOptions::new().append(true).open(path)?;
        // An incomplete line ends here; it is no number with this before its end.
        file.write_all(b"-\n")?;
        Ok(Self { file })
    }

    /// Notes that `bytes` bytes are on disk.
    pub(crate) fn record(&mut self, bytes: u64) -> std::io::Result<()> {
        writeln!(self.file, "{bytes}")?;
        self.file.sync_data()
    }
}

/// The journal's name beside the partial file.
pub(crate) fn name(part: &Path) -> PathBuf {
    part.with_extension("weightinit-journal")
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
