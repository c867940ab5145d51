//! `weightinit plan --world-size N`: what each of N processes would write, and how long it may take; nothing is
//! written.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;
use weightinit::{Request, cpu};

use crate::args::PlanArguments;
use crate::commands::{print, print_json, table};
use crate::file::shards;
use crate::model::job::{Job, Tensor};
use crate::progress::{self, note};
use crate::ranks::loads::{self, Load};

/// Bytes of a shard where nothing is said, as Hugging Face's libraries have it.
const SHARD: u64 = 5_000_000_000;

/// Elements that are computed to see how fast this machine is.
const SAMPLE: u64 = 1 << 22;

/// How fast a rank is.
enum Rate {
    /// Bytes a second, as given.
    Given(u64),
    /// Elements a second of this machine's CPU.
    Measured(f64),
}

impl Rate {
    fn find(arguments: &PlanArguments, job: &Job) -> Result<Self> {
        Ok(match arguments.rate {
            Some(bytes) => Self::Given(bytes),
            None => Self::Measured(measure(job)?),
        })
    }

    fn seconds(&self, load: Load) -> f64 {
        match self {
            Self::Given(bytes) => load.bytes as f64 / *bytes as f64,
            Self::Measured(elements) => load.elements as f64 / elements,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Given(bytes) => format!("at {} a second", progress::size(*bytes)),
            Self::Measured(elements) => {
                format!(
                    "at {:.0} million elements a second, as this machine's CPU computes them; disks are not counted",
                    elements / 1e6
                )
            }
        }
    }
}

/// Elements a second of the largest tensor.
fn measure(job: &Job) -> Result<f64> {
    let largest = job.tensors.iter().filter(|tensor| tensor.fill().is_some()).max_by_key(|tensor| tensor.elements);
    let Some(request) = largest.and_then(Tensor::request) else { return Ok(f64::INFINITY) };
    let Request::Fill(fill) = request else { return Ok(f64::INFINITY) };
    let first = fill.elements().start;
    let sample = fill.range(first..first + fill.element_count().min(SAMPLE))?;
    // Once for tables and threads.
    black_box(cpu::bytes(&sample)?);
    let start = Instant::now();
    black_box(cpu::bytes(&sample)?);
    Ok(sample.element_count() as f64 / start.elapsed().as_secs_f64().max(1e-9))
}

/// Ranks that follow one another with equal loads.
struct Run {
    first: usize,
    last: usize,
    load: Load,
}

pub(super) fn run(arguments: &PlanArguments, job: &Job, ranks: u64) -> Result<ExitCode> {
    let division = &arguments.division;
    let (loads, words) = match division.partition {
        Some(partition) => {
            let loads = loads::of_partition(&job.tensors, partition, ranks);
            (loads, format!("a file a rank by --partition {}", partition.name()))
        }
        None => {
            let size = division.shard_size.unwrap_or(SHARD);
            let files = shards::cut(&job.tensors, size, "model");
            let count = files.len();
            let words =
                format!("{count} file{} of at most {}", if count == 1 { "" } else { "s" }, progress::size(size));
            (loads::of_files(files.iter().map(|file| &job.tensors[file.tensors.clone()]), ranks), words)
        }
    };
    let rate = Rate::find(arguments, job)?;
    let mut runs: Vec<Run> = Vec::new();
    for (rank, load) in loads.into_iter().enumerate() {
        match runs.last_mut() {
            Some(run) if run.load == load => run.last = rank,
            _ => runs.push(Run { first: rank, last: rank, load }),
        }
    }
    let (elements, bytes) = (job.elements(), job.bytes());
    if arguments.json {
        let of_run = |Run { first, last, load }: &Run| {
            json!({
                "first": first,
                "last": last,
                "files": load.files,
                "tensors": load.tensors,
                "elements": load.elements,
                "bytes": load.bytes,
                "seconds": rate.seconds(*load),
            })
        };
        let runs: Vec<_> = runs.iter().map(of_run).collect();
        print_json(&json!({"world_size": ranks, "elements": elements, "bytes": bytes, "ranks": runs}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let titles = ["ranks", "files", "tensors", "elements", "bytes", "", "seconds"].map(str::to_owned);
    let row = |Run { first, last, load }: &Run| {
        let ranks = if first == last { first.to_string() } else { format!("{first}-{last}") };
        let (files, tensors) = (load.files.to_string(), load.tensors.to_string());
        let (bytes, size) = (load.bytes.to_string(), progress::size(load.bytes));
        [ranks, files, tensors, load.elements.to_string(), bytes, size, format!("{:.2}", rate.seconds(*load))]
    };
    print(&table(std::iter::once(titles).chain(runs.iter().map(row))))?;
    note(&format!(
        "{elements} elements, {} ({bytes} bytes) in {} tensors; {words}; seconds {}; nothing is written",
        progress::size(bytes),
        job.tensors.len(),
        rate.words()
    ));
    Ok(ExitCode::SUCCESS)
}
