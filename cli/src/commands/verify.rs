//! `weightinit verify`: a file against what its spec says, bit for bit, then its moments.

use std::collections::HashSet;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use weightinit::verify::{Comparer, Difference, SampleMoments};
use weightinit::{Fill, Law};

use super::{UNREPORTED, print, print_json, statistics};
use crate::args::VerifyArguments;
use crate::backend::chunk::{Piece, chunks};
use crate::backend::{self, Host, Parts};
use crate::model::checkpoint::Checkpoint;
use crate::model::dtype;
use crate::model::header::PARTITION;
use crate::model::job::{Job, Tensor};
use crate::model::spec::Spec;
use crate::progress::{self, Watch, note, note_list};
use crate::ranks::launcher::Rank;
use crate::ranks::partition;

/// Moments further away than this many standard errors are reported: one in 500 million true ones is.
const STANDARD_ERRORS: f64 = 6.0;

/// Bytes whose moments are taken at a time: a multiple of every element's size.
const PART: usize = 1 << 16;

pub(crate) fn run(arguments: &VerifyArguments) -> Result<ExitCode> {
    if arguments.statistics {
        return statistics::run(arguments);
    }
    report(arguments, &compare(arguments, &mut progress::shown())?)
}

/// The comparison as JSON.
pub(crate) fn verified(arguments: &VerifyArguments, watch: Watch<'_>) -> Result<Value> {
    ensure!(!arguments.statistics, "statistics are for people; start the program for them");
    Ok(compare(arguments, watch)?.json(arguments))
}

/// What came of a comparison.
struct Compared {
    job: Job,
    processor: Option<String>,
    differences: Vec<String>,
}

impl Compared {
    fn json(&self, arguments: &VerifyArguments) -> Value {
        json!({
            "file": arguments.file.display().to_string(),
            "equal": self.differences.is_empty(),
            "processor": self.processor,
            "tensors": self.job.tensors.len(),
            "elements": self.job.elements(),
            "differences": self.differences,
        })
    }
}

fn compare(arguments: &VerifyArguments, watch: Watch<'_>) -> Result<Compared> {
    let path = arguments.spec.as_deref().context("--spec is missing")?;
    let spec = Spec::read(path, &arguments.model)?;
    ensure!(
        arguments.partition.is_some() || arguments.rank.rank.is_none(),
        "--rank and --world-size say which file of a partition it is; give --partition, too"
    );
    let mut job = Job::new(&spec).with_context(|| path.display().to_string())?;
    let file = Checkpoint::open(&arguments.file)?;
    let mut differences = Vec::new();
    if let Some(partition) = arguments.partition {
        let found = Rank::find(&arguments.rank)?;
        ensure!(found.words().is_some(), "nothing says which rank's file it is; give --rank and --world-size");
        let Rank { rank, world_size, .. } = found;
        let part = partition::part(&job.tensors, partition, rank, world_size)?;
        differences.extend(compare_notes(&part.notes(partition, rank, world_size), &file));
        job.tensors = part.tensors;
    } else if let Some(partition) = file.note(PARTITION) {
        bail!("{} is a rank's file; give --partition {partition}, --rank and --world-size", arguments.file.display());
    }
    differences.extend(compare_headers(&job, &file));
    let mut processor = None;
    if differences.is_empty() {
        let requests: Vec<_> = job.requests().collect();
        let mut backend = backend::choose(&arguments.backend, &requests, Parts::Any)?;
        let mut states: Vec<_> = job.tensors.iter().map(State::new).collect();
        let (mut found, mut done) = (Vec::new(), 0);
        let chunks: Vec<_> = chunks(&job.tensors, 0, backend.chunk_size()).collect();
        let compared = backend.run(&job.tensors, &chunks, &mut Host::default(), &mut |chunk, expected| {
            for piece in &chunk.pieces {
                let tensor = &job.tensors[piece.tensor];
                let expected = &expected[piece.offset as usize..(piece.offset + piece.bytes) as usize];
                found.resize(expected.len(), 0);
                file.read_at(&tensor.name, piece.elements.start * dtype::size(tensor.dtype), &mut found)?;
                states[piece.tensor].take(tensor, piece, expected, &found);
                done += piece.elements.end - piece.elements.start;
            }
            watch(done, job.elements())
        });
        compared?;
        differences = states.iter().zip(&job.tensors).filter_map(|(state, tensor)| state.verdict(tensor)).collect();
        differences.extend(
            file.wrong_size().map(|(said, found)| {
                format!("its index says total_size {said}, the tensors have {found} bytes together")
            }),
        );
        processor = Some(backend.name());
    }
    Ok(Compared { job, processor, differences })
}

fn report(arguments: &VerifyArguments, compared: &Compared) -> Result<ExitCode> {
    let Compared { job, processor, differences } = compared;
    let mut printed = Ok(());
    if arguments.json {
        printed = print_json(&compared.json(arguments));
    }
    if differences.is_empty() {
        let orthogonal = job.requests().filter(|request| request.is_made_whole()).count();
        let close = match orthogonal {
            0 => String::new(),
            count => format!(" ({count} orthogonal tensors: within their tolerance)"),
        };
        let line = format!(
            "{}: {} tensors, {} elements equal bit for bit to {}{close}, moments within {STANDARD_ERRORS} standard \
             errors\n",
            arguments.file.display(),
            job.tensors.len(),
            job.elements(),
            processor.as_deref().unwrap_or_default()
        );
        if !arguments.json {
            printed = print(&line);
        }
        return printed.map(|()| ExitCode::SUCCESS).context(UNREPORTED);
    }
    note_list(differences);
    note(&format!("{}: {} differences", arguments.file.display(), differences.len()));
    Ok(ExitCode::FAILURE)
}

/// What the header of a rank's file says otherwise of its part: readers put slices where it says.
fn compare_notes(expected: &[(&str, String)], file: &Checkpoint) -> Vec<String> {
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(text));
    let differences = expected.iter().filter_map(|(key, expected)| match file.note(key) {
        None => Some(format!("its header has no note '{key}'")),
        Some(found) if value(found) != value(expected) => {
            Some(format!("its header's note '{key}' is {found}, expected {expected}"))
        }
        Some(_) => None,
    });
    differences.collect()
}

/// Tensors that are missing, additional, or of another shape or type. Their order is the writer's own affair.
fn compare_headers(job: &Job, file: &Checkpoint) -> Vec<String> {
    let mut differences = Vec::new();
    for tensor in &job.tensors {
        let shape: Vec<_> = tensor.shape.iter().map(|&d| d as usize).collect();
        match file.info(&tensor.name) {
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
    let expected: HashSet<_> = job.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    let others = file.tensors().filter(|(name, _)| !expected.contains(name));
    differences.extend(others.map(|(name, _)| format!("tensor '{name}' is not in the spec")));
    differences
}

/// What has been seen of one tensor.
struct State {
    /// Of elements that a backend computes.
    comparer: Option<Comparer>,
    /// Of integers: how many differ, and the first.
    different: u64,
    first: Option<String>,
    /// Of elements whose moments can be judged.
    moments: SampleMoments,
}

impl State {
    fn new(tensor: &Tensor) -> Self {
        let comparer = tensor.request().map(Comparer::new);
        Self { comparer, different: 0, first: None, moments: SampleMoments::default() }
    }

    fn take(&mut self, tensor: &Tensor, piece: &Piece, expected: &[u8], found: &[u8]) {
        let start = piece.elements.start;
        let Some(comparer) = &mut self.comparer else {
            let width = dtype::size(tensor.dtype) as usize;
            let pairs = expected.chunks_exact(width).zip(found.chunks_exact(width));
            for (index, (expected, found)) in (start..).zip(pairs).filter(|(_, (e, f))| e != f) {
                self.different += 1;
                self.first.get_or_insert_with(|| {
                    format!("at index {index}: expected {}, found {}", hex(expected), hex(found))
                });
            }
            return;
        };
        comparer.take(start, expected, found);
        if let (Some(fill), Some(_)) = (tensor.fill(), law(tensor)) {
            for part in found.chunks(PART) {
                let values: Vec<_> =
                    weightinit::cpu::elements(fill.dtype(), part).map(|bits| fill.dtype().value(bits)).collect();
                self.moments = self.moments.and(SampleMoments::of(&values));
            }
        }
    }

    /// What is wrong with the tensor, if anything is.
    fn verdict(&self, tensor: &Tensor) -> Option<String> {
        let name = &tensor.name;
        let Some(comparer) = &self.comparer else {
            let first = self.first.as_ref()?;
            return Some(different(name, self.different, tensor.elements, first));
        };
        let comparison = comparer.comparison();
        match (comparison.first, comparer.distance()) {
            (None, _) => {}
            (Some(_), Some([distance, most])) => {
                return Some(format!(
                    "tensor '{name}': {distance:.1e} away from the orthogonal matrix, more than {most:.1e}"
                ));
            }
            (Some(Difference { index, expected, found, .. }), None) => {
                let [expected, found] = [expected, found].map(|bits| show(tensor, bits));
                let first = format!("at index {index}: expected {expected}, found {found}");
                return Some(different(name, comparison.different, tensor.elements, &first));
            }
        }
        let moments = law(tensor)?.moments();
        let (mean, variance) = (self.moments.mean(), self.moments.variance());
        let (of_mean, of_variance) = moments.deviation(mean, variance, tensor.elements);
        (of_mean > STANDARD_ERRORS || (tensor.elements > 1000 && of_variance > STANDARD_ERRORS)).then(|| {
            format!(
                "tensor '{name}': mean {mean} and standard deviation {} are {of_mean:.1} and {of_variance:.1} \
                 standard errors from {} and {}",
                variance.sqrt(),
                moments.mean,
                moments.variance.sqrt()
            )
        })
    }
}

fn different(name: &str, different: u64, elements: u64, first: &str) -> String {
    format!("tensor '{name}': {different} of {elements} elements differ, first {first}")
}

/// The law of a tensor whose moments can be judged: its elements are all random, and have more than 8 bits, rounding to
/// which is a good part of a variance.
fn law(tensor: &Tensor) -> Option<&Law> {
    let judged = tensor.fill().filter(|fill| tensor.kept.is_none() && fill.is_random() && fill.dtype().size() > 1);
    judged.map(Fill::law)
}

/// An element's bits and its value.
fn show(tensor: &Tensor, bits: u64) -> String {
    let Some(request) = tensor.request() else { return String::new() };
    let digits = 2 * request.dtype().size() as usize;
    format!("0x{bits:0digits$x} ({})", request.dtype().value(bits))
}

/// An integer's bytes as its bits.
fn hex(element: &[u8]) -> String {
    let digits: String = element.iter().rev().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}
