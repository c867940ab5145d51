//! `weightinit verify`: a file against what its spec says, bit for bit, then its moments.

use std::io::{Read, Seek, SeekFrom};
use std::process::ExitCode;

use anyhow::{Context, Result};
use safetensors::tensor::Metadata;
use serde_json::json;
use weightinit::{Law, Orthogonal};

use super::{print, print_json, statistics};
use crate::args::VerifyArguments;
use crate::backend::chunk::{Piece, chunks};
use crate::backend::{self, Host};
use crate::interrupt;
use crate::model::dtype;
use crate::model::job::{Content, Job, Tensor};
use crate::model::source::{open, read_header};
use crate::model::spec::Spec;
use crate::progress::{self, note};

/// Moments further away than this many standard errors are reported: one in 500 million true ones is.
const STANDARD_ERRORS: f64 = 6.0;

pub(crate) fn run(arguments: &VerifyArguments) -> Result<ExitCode> {
    if arguments.statistics {
        return statistics::run(arguments);
    }
    let path = arguments.spec.as_deref().context("--spec is missing")?;
    let spec = Spec::read(path, &arguments.model)?;
    let job = Job::new(&spec).with_context(|| path.display().to_string())?;
    let mut file = open(&arguments.file)?;
    let (metadata, data) = read_header(&mut file, &arguments.file)?;
    let mut differences = compare_headers(&job, &metadata);
    let mut processor = None;
    if differences.is_empty() {
        let fills: Vec<_> = job.fills().collect();
        let mut backend = backend::choose(&arguments.backend, fills.iter().copied())?;
        let mut states: Vec<_> = job.tensors.iter().map(State::new).collect();
        let bar = progress::bar(job.elements());
        let mut found = Vec::new();
        let chunks: Vec<_> = chunks(&job.tensors, 0, backend.chunk_size()).collect();
        let compared = backend.run(&job.tensors, &chunks, &mut Host::default(), &mut |chunk, expected| {
            interrupt::check()?;
            for piece in &chunk.pieces {
                let tensor = &job.tensors[piece.tensor];
                let expected = &expected[piece.offset as usize..(piece.offset + piece.bytes) as usize];
                found.resize(expected.len(), 0);
                let begin = metadata.info(&tensor.name).map_or(0, |info| info.data_offsets.0 as u64);
                let place = data + begin + piece.elements.start * dtype::size(tensor.dtype);
                file.seek(SeekFrom::Start(place))
                    .and_then(|_| file.read_exact(&mut found))
                    .with_context(|| format!("cannot read {}", arguments.file.display()))?;
                states[piece.tensor].take(tensor, piece, expected, &found);
                bar.inc(piece.elements.end - piece.elements.start);
            }
            Ok(())
        });
        bar.finish_and_clear();
        compared?;
        differences = states.iter().zip(&job.tensors).filter_map(|(state, tensor)| state.verdict(tensor)).collect();
        processor = Some(backend.name());
    }
    report(arguments, &job, processor, &differences)
}

fn report(
    arguments: &VerifyArguments,
    job: &Job,
    processor: Option<String>,
    differences: &[String],
) -> Result<ExitCode> {
    if arguments.json {
        print_json(&json!({
            "file": arguments.file.display().to_string(),
            "equal": differences.is_empty(),
            "processor": processor,
            "tensors": job.tensors.len(),
            "elements": job.elements(),
            "differences": differences,
        }))?;
    }
    if differences.is_empty() {
        let orthogonal = job.tensors.iter().filter(|tensor| matches!(tensor.content, Content::Orthogonal(..))).count();
        let close = match orthogonal {
            0 => String::new(),
            count => format!(" ({count} orthogonal tensors: within their tolerance)"),
        };
        let line = format!(
            "{}: {} tensors, {} elements equal bit for bit to {}{close}, moments within {STANDARD_ERRORS} standard errors\n",
            arguments.file.display(),
            job.tensors.len(),
            job.elements(),
            processor.unwrap_or_default()
        );
        if !arguments.json {
            print(&line)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    for difference in differences {
        note(difference);
    }
    note(&format!("{}: {} differences", arguments.file.display(), differences.len()));
    Ok(ExitCode::FAILURE)
}

/// Tensors that are missing, additional, or of another shape or type. Their order is the writer's own affair.
fn compare_headers(job: &Job, metadata: &Metadata) -> Vec<String> {
    let mut differences = Vec::new();
    for tensor in &job.tensors {
        let shape: Vec<_> = tensor.shape.iter().map(|&d| d as usize).collect();
        match metadata.info(&tensor.name) {
            None => differences.push(format!("tensor '{}' is missing", tensor.name)),
            Some(info) if info.shape != shape => {
                differences.push(format!("tensor '{}' has shape {:?}, expected {shape:?}", tensor.name, info.shape));
            }
            Some(info) if info.dtype != tensor.dtype => {
                differences
                    .push(format!("tensor '{}' has dtype {:?}, expected {:?}", tensor.name, info.dtype, tensor.dtype));
            }
            Some(_) => {}
        }
    }
    let mut names = metadata.offset_keys();
    names.retain(|name| job.tensors.iter().all(|tensor| tensor.name != *name));
    differences.extend(names.iter().map(|name| format!("tensor '{name}' is not in the spec")));
    differences
}

/// What has been seen of one tensor.
struct State {
    different: u64,
    first: Option<String>,
    centre: f64,
    sum: f64,
    squares: f64,
    /// Of orthogonal tensors: squares of what differs, and of all.
    apart: f64,
    whole: f64,
}

impl State {
    fn new(tensor: &Tensor) -> Self {
        // Sums around the expected mean lose no precision to it.
        let centre = law(tensor).map_or(0.0, |law| law.moments().mean);
        Self { different: 0, first: None, centre, sum: 0.0, squares: 0.0, apart: 0.0, whole: 0.0 }
    }

    fn take(&mut self, tensor: &Tensor, piece: &Piece, expected: &[u8], found: &[u8]) {
        let width = dtype::size(tensor.dtype) as usize;
        if let Content::Orthogonal(orthogonal, _) = &tensor.content {
            let values =
                |bytes| weightinit::cpu::elements(orthogonal.dtype(), bytes).map(|bits| orthogonal.dtype().value(bits));
            for (expected, found) in values(expected).zip(values(found)) {
                self.apart += (expected - found).powi(2);
                self.whole += expected.powi(2);
            }
            return;
        }
        if expected != found {
            let pairs = expected.chunks_exact(width).zip(found.chunks_exact(width));
            for (index, (expected, found)) in (piece.elements.start..).zip(pairs).filter(|(_, (e, f))| e != f) {
                self.different += 1;
                self.first.get_or_insert_with(|| {
                    format!("at index {index}: expected {}, found {}", show(tensor, expected), show(tensor, found))
                });
            }
        }
        if let (Content::Fill(fill), Some(_)) = (&tensor.content, law(tensor)) {
            for bits in weightinit::cpu::elements(fill.dtype(), found) {
                let x = fill.dtype().value(bits) - self.centre;
                self.sum += x;
                self.squares += x * x;
            }
        }
    }

    /// What is wrong with the tensor, if anything is.
    fn verdict(&self, tensor: &Tensor) -> Option<String> {
        let name = &tensor.name;
        if let Some(first) = &self.first {
            return Some(format!(
                "tensor '{name}': {} of {} elements differ, first {first}",
                self.different, tensor.elements
            ));
        }
        if let Content::Orthogonal(orthogonal, _) = &tensor.content {
            let (distance, most) = ((self.apart / self.whole).sqrt(), tolerance(orthogonal));
            // Also where it is no number.
            let close = distance <= most;
            return (!close).then(|| {
                format!("tensor '{name}': {distance:.1e} away from the orthogonal matrix, more than {most:.1e}")
            });
        }
        let moments = law(tensor)?.moments();
        let n = tensor.elements as f64;
        let mean = self.sum / n;
        let variance = self.squares / n - mean * mean;
        let (of_mean, of_variance) = moments.deviation(self.centre + mean, variance, tensor.elements);
        (of_mean > STANDARD_ERRORS || (tensor.elements > 1000 && of_variance > STANDARD_ERRORS)).then(|| {
            format!(
                "tensor '{name}': mean {} and standard deviation {} are {of_mean:.1} and {of_variance:.1} standard errors \
                 from {} and {}",
                self.centre + mean,
                variance.sqrt(),
                moments.mean,
                moments.variance.sqrt()
            )
        })
    }
}

/// How far an orthogonal tensor may be from another device's, rounding to its type included.
fn tolerance(orthogonal: &Orthogonal) -> f64 {
    Orthogonal::TOLERANCE + 2.0 * orthogonal.dtype().precision()
}

/// The law of a tensor whose moments can be judged: its elements are all random, and have more than 8 bits, rounding to which is a good
/// part of a variance.
fn law(tensor: &Tensor) -> Option<&Law> {
    match &tensor.content {
        Content::Fill(fill) if fill.is_random() && fill.dtype().size() > 1 => Some(fill.law()),
        _ => None,
    }
}

/// An element's bits, and its value where it is a number that the library knows.
fn show(tensor: &Tensor, element: &[u8]) -> String {
    let bits: String = element.iter().rev().map(|byte| format!("{byte:02x}")).collect();
    match &tensor.content {
        Content::Fill(fill) => {
            let value =
                weightinit::cpu::elements(fill.dtype(), element).next().map_or(0.0, |bits| fill.dtype().value(bits));
            format!("0x{bits} ({value})")
        }
        _ => format!("0x{bits}"),
    }
}
