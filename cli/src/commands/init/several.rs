//! Several files of one job: those of this rank, and of rank 0 also the index.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::one::Contents;
use super::target::{Files, Target};
use crate::args::InitArguments;
use crate::args::distributed::Partition;
use crate::backend::chunk::chunks;
use crate::backend::{self, Backend, Host, Parts};
use crate::file::safetensors::{self, DIGEST};
use crate::file::shards::{self, Shard};
use crate::model::job::{Job, Tensor};
use crate::model::opened::open;
use crate::output::destination::{clear, write_text};
use crate::output::folder::{Folder, Found, Plan, look};
use crate::output::identity::Identity;
use crate::progress::{self, Progress, Watch, note};
use crate::ranks::balance;
use crate::ranks::partition::{self, Part};

/// What the names of ranks' files begin with.
const RANK: &str = "rank";

/// Files of this process.
struct Own<'a> {
    files: Vec<(String, Contents<'a>)>,
    /// All files of the job.
    all: HashSet<String>,
    /// The index, where this process writes one.
    index: Option<(String, String)>,
}

pub(super) fn write(
    arguments: &InitArguments,
    job: &Job,
    target: &Target,
    finish: impl FnOnce() -> Result<()>,
    watch: Watch<'_>,
) -> Result<Value> {
    let start = Instant::now();
    let path = target.folder.as_deref().context("there is no folder")?;
    let (rank, ranks) = (target.rank.rank, target.rank.world_size);
    let whole = Identity::new(job.seed, &job.tensors, 0);
    let (part, digest, own);
    let (stem, own) = match &target.files {
        Files::One(_) => bail!("one file is not several"),
        Files::Shards(stem, size) => {
            let shards = shards::cut(&job.tensors, *size, stem);
            digest = whole.digest(&format!("{stem} in shards of {size}"))?;
            own = of_shards(job, stem, &shards, &digest, (rank, ranks))?;
            (stem.as_str(), own)
        }
        Files::Ranks(partition) => {
            digest = whole.digest(&format!("{} of {ranks} ranks", partition.name()))?;
            part = partition::part(&job.tensors, *partition, rank, ranks)?;
            own = of_rank(job, &part, *partition, (rank, ranks))?;
            (RANK, own)
        }
    };
    let own_files = own.files.iter().map(|(name, _)| name).chain(own.index.iter().map(|(name, _)| name));
    let (here, bytes) = if arguments.local_folder {
        (own_files.cloned().collect(), own.files.iter().map(|(_, contents)| contents.bytes()).sum())
    } else {
        (own.all.clone(), job.bytes())
    };
    let mut folder = Folder::enter(path, Plan { stem, files: own.all, here, digest: &digest, bytes })?;
    let files = survey(arguments, &folder, &own.files)?;
    folder.begin();
    let done = write_files(arguments, &files, target, watch);
    let done = done.context("complete files stay, and the same command with --resume goes on after them")?;
    if let Some((name, text)) = &own.index {
        write_text(&folder.place(name), text)?;
    }
    finish()?;
    folder.finish()?;

    let seconds = start.elapsed().as_secs_f64();
    let of = |contents: &Contents<'_>| contents.tensors.iter().map(Tensor::bytes).sum::<u64>();
    let bytes: u64 = own.files.iter().map(|(_, contents)| of(contents)).sum();
    let tensors: usize = own.files.iter().map(|(_, contents)| contents.tensors.len()).sum();
    let words = if ranks > 1 { format!("rank {rank} of {ranks}: ") } else { String::new() };
    let (files, kept) = (own.files.len(), done.kept);
    let file_words = if files == 1 { "file" } else { "files" };
    let kept_words = if kept > 0 { format!(", {kept} complete already") } else { String::new() };
    note(&format!(
        "{words}{} in {tensors} tensors, {files} {file_words}{kept_words}, in {seconds:.2} s{} -> {}",
        progress::size(bytes),
        done.processor.as_ref().map_or_else(String::new, |name| format!(" by {name}")),
        path.display()
    ));
    Ok(json!({
        "output": path.display().to_string(),
        "files": own.files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "complete_already": kept,
        "rank": rank,
        "world_size": ranks,
        "processor": done.processor,
        "digest": digest,
        "seed": job.seed,
        "tensors": tensors,
        "bytes": bytes,
        "seconds": seconds,
    }))
}

/// The shards that are this rank's.
fn of_shards<'a>(
    job: &'a Job,
    stem: &str,
    shards: &[Shard],
    digest: &str,
    (rank, ranks): (u64, u64),
) -> Result<Own<'a>> {
    let tensors = |shard: &Shard| &job.tensors[shard.tensors.clone()];
    let sizes: Vec<u64> = shards.iter().map(|shard| tensors(shard).iter().map(Tensor::bytes).sum()).collect();
    let owners = balance::share(&sizes, ranks);
    let mut files = Vec::new();
    for shard in shards.iter().zip(owners).filter(|(_, owner)| *owner == rank).map(|(shard, _)| shard) {
        let tensors = tensors(shard);
        let header = header(job.seed, tensors, Map::new())?;
        files.push((shard.name.clone(), Contents { header, seed: job.seed, tensors }));
    }
    let mut all: HashSet<_> = shards.iter().map(|shard| shard.name.clone()).collect();
    let mut index = None;
    if shards.len() > 1 {
        let name = shards::index_name(stem);
        all.insert(name.clone());
        if rank == 0 {
            let mut notes = safetensors::notes(job.seed);
            notes.insert(DIGEST.to_owned(), json!(digest));
            index = Some((name, shards::index(&job.tensors, shards, &notes)));
        }
    }
    Ok(Own { files, all, index })
}

/// The one file that is this rank's.
fn of_rank<'a>(job: &Job, part: &'a Part, partition: Partition, (rank, ranks): (u64, u64)) -> Result<Own<'a>> {
    let name = |rank| shards::of_rank(RANK, rank, ranks);
    let notes = part.notes(partition, rank, ranks);
    let notes = notes.map(|(name, value)| (name.to_owned(), json!(value))).into_iter().collect();
    let header = header(job.seed, &part.tensors, notes)?;
    let contents = Contents { header, seed: job.seed, tensors: &part.tensors };
    Ok(Own { files: vec![(name(rank), contents)], all: (0..ranks).map(name).collect(), index: None })
}

/// A header with what tells the file from all others: a function of the job alone.
fn header(seed: u64, tensors: &[Tensor], more: Map<String, Value>) -> Result<Vec<u8>> {
    let mut notes = safetensors::notes(seed);
    let digest = Identity::new(seed, tensors, 0).digest(&Value::Object(more.clone()).to_string())?;
    notes.insert(DIGEST.to_owned(), json!(digest));
    notes.extend(more);
    safetensors::header(tensors, &notes)
}

/// What became of files.
struct Done {
    /// How many were complete already.
    kept: usize,
    processor: Option<String>,
}

/// A file, and whether it is there and complete.
type Surveyed<'a> = (PathBuf, &'a Contents<'a>, bool);

/// Looks at what is there; files of another job are refused before anything is written.
fn survey<'a>(
    arguments: &InitArguments,
    folder: &Folder<'_>,
    files: &'a [(String, Contents<'a>)],
) -> Result<Vec<Surveyed<'a>>> {
    let mut surveyed = Vec::new();
    for (name, contents) in files {
        let path = folder.place(name);
        let found = look(&path, &contents.header, contents.bytes())?;
        ensure!(
            found != Found::Other,
            "cannot write {}: it is there and of another job; give what that job was begun with, or another folder, or \
             remove it",
            path.display()
        );
        if let (Found::Cut(length), true) = (&found, arguments.resume) {
            note(&format!("{}: it has {length} bytes, not {}, and is written anew", path.display(), contents.bytes()));
        }
        surveyed.push((path, contents, arguments.resume && found == Found::Complete));
    }
    Ok(surveyed)
}

fn write_files(arguments: &InitArguments, files: &[Surveyed<'_>], target: &Target, watch: Watch<'_>) -> Result<Done> {
    let kept = files.iter().filter(|(_, _, is_complete)| *is_complete).count();
    if kept == files.len() && !arguments.verify_existing {
        files.iter().try_for_each(|(path, ..)| clear(path))?;
        return Ok(Done { kept, processor: None });
    }
    let requests: Vec<_> =
        files.iter().flat_map(|(_, contents, _)| contents.tensors).filter_map(Tensor::request).collect();
    let mut options = arguments.backend.clone();
    options.local_rank = target.rank.local_rank;
    let mut backend = backend::choose(&options, &requests, Parts::Any)?;
    let elements = |contents: &Contents<'_>| contents.tensors.iter().map(|tensor| tensor.elements).sum::<u64>();
    let mut progress = Progress::of(files.iter().map(|(_, contents, _)| elements(contents)).sum(), watch);
    let mut right = 0;
    for (path, contents, is_complete) in files {
        if *is_complete && (!arguments.verify_existing || is_right(path, contents, &mut *backend)?) {
            clear(path)?;
            progress.advance(elements(contents))?;
            right += 1;
            continue;
        }
        // What is half written may be wrong, too.
        let output = contents.begin(path, arguments.resume && !arguments.verify_existing)?;
        // Files of all runs, ranks and devices go together: orthogonal matrices are the CPU's.
        contents.fill(output, path, &mut *backend, &mut Host::portable(), &mut progress)?;
    }
    Ok(Done { kept: right, processor: Some(backend.name()) })
}

/// Whether a complete file holds what it should; where it does not, that is told.
fn is_right(path: &Path, contents: &Contents<'_>, backend: &mut dyn Backend) -> Result<bool> {
    let failed = || format!("cannot read {}", path.display());
    let mut file = open(path)?;
    let (mut found, mut different) = (vec![0; contents.header.len()], None);
    file.read_exact(&mut found).with_context(failed)?;
    let header = contents.header.len() as u64;
    let chunks: Vec<_> = chunks(contents.tensors, header, backend.chunk_size()).collect();
    backend.run(contents.tensors, &chunks, &mut Host::portable(), &mut |chunk, expected| {
        found.resize(expected.len(), 0);
        file.read_exact(&mut found).with_context(failed)?;
        if different.is_none() {
            let first = expected.iter().zip(&found).position(|(expected, found)| expected != found);
            different = first.map(|first| chunk.offset + first as u64);
        }
        Ok(())
    })?;
    if let Some(byte) = different {
        note(&format!("{}: byte {byte} is not what the job says; the file is written anew", path.display()));
    }
    Ok(different.is_none())
}
