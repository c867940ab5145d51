//! Journals of resumable runs: which job a partial file belongs to, and how much of it is on disk.
//!
//! The first line is the job as JSON. Each further line is a number of bytes that were on disk when it was written; one
//! without its line break is not complete and does not count.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;
use weightinit::law::Math;
use weightinit::{Law, Request};

use crate::model::job::{self, Content, Tensor};
use crate::output::exclusive::{self, Access};

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
            contents: contents(tensor),
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

/// Bytes of a journal that is read: more than any has.
const MOST_BYTES: u64 = 256 << 20;

/// An open journal.
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Begins the journal of `job`.
    pub(crate) fn create(path: &Path, job: &Identity) -> std::io::Result<Self> {
        let mut file = exclusive::create(path, Access::Private)?;
        let begun = serde_json::to_string(job).map_err(std::io::Error::other);
        match begun.and_then(|begun| writeln!(file, "{begun}")).and_then(|()| file.sync_all()) {
            Ok(()) => Ok(Self { file }),
            Err(error) => {
                // It says nothing. There is nobody to tell if it cannot be removed.
                let _ = std::fs::remove_file(path);
                Err(error)
            }
        }
    }

    /// The job of the journal and the bytes that are on disk, if there is a journal that says so.
    pub(crate) fn read(path: &Path) -> std::io::Result<Option<(Identity, u64)>> {
        let Some(file) = exclusive::open(path, OpenOptions::new().read(true))? else { return Ok(None) };
        if file.metadata()?.len() > MOST_BYTES {
            let message = format!("{} is no journal of weightinit; remove it", path.display());
            return Err(std::io::Error::new(ErrorKind::InvalidData, message));
        }
        // As a stream: what is no journal ends with its first byte.
        let mut text = BufReader::new(file.take(MOST_BYTES));
        let job = serde_json::Deserializer::from_reader(&mut text).into_iter().next();
        let Some(Ok(job)) = job else { return Ok(None) };
        let (mut done, mut line) = (0, Vec::new());
        while text.read_until(b'\n', &mut line)? > 0 {
            let number = line.strip_suffix(b"\n").and_then(|line| str::from_utf8(line).ok());
            done = number.and_then(|number| number.parse().ok()).unwrap_or(done);
            line.clear();
        }
        Ok(Some((job, done)))
    }

    /// Goes on with a journal.
    pub(crate) fn reopen(path: &Path) -> std::io::Result<Self> {
        let file = exclusive::open(path, OpenOptions::new().append(true))?;
        let mut file = file.ok_or(ErrorKind::NotFound)?;
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
