//! `weightinit init`: a whole model into one .safetensors file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use weightinit::DType;

use super::{check_stdout, explain, print_json};
use crate::args::InitArguments;
use crate::backend::chunk::{Chunk, chunks};
use crate::backend::{self, Host};
use crate::file::safetensors;
use crate::model::job::{Draft, Job};
use crate::model::spec::Spec;
use crate::model::{config, dtype, source};
use crate::output::buffer::Bytes;
use crate::output::journal;
use crate::output::overlap::write_overlapped;
use crate::output::partial::Output;
use crate::progress::{self, Watch, note};

pub(crate) fn run(arguments: &InitArguments) -> Result<ExitCode> {
    let made = made(arguments, &mut progress::shown())?;
    if arguments.json && arguments.output.is_some() {
        print_json(&made)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Does it, and says what has come of it: nothing where it is only explained.
pub(crate) fn made(arguments: &InitArguments, watch: Watch<'_>) -> Result<Value> {
    let spec = Spec::read(&arguments.spec, &arguments.model)?;
    let folder = arguments.output.as_deref().filter(|path| spec.config.is_some() && !is_file_name(path));
    let output = folder.map(|folder| folder.join(WEIGHTS)).or(arguments.output.clone());
    let draft = Draft::new(&spec).with_context(|| arguments.spec.display().to_string())?;
    if let (Some(output), None) = (&output, folder) {
        check_output(output, &[Some(&arguments.spec), spec.source.as_ref()])?;
    }
    if arguments.explain {
        if arguments.output.is_none() {
            check_stdout()?;
        }
        match explain::print(&draft) {
            // Whoever has read enough of the table still wants the file.
            Err(error) if arguments.output.is_some() && crate::is_broken_pipe(&error) => {}
            printed => printed?,
        }
    }
    let job = draft.finish().with_context(|| arguments.spec.display().to_string())?;
    match (&output, folder.zip(spec.config.as_deref())) {
        (None, _) => Ok(Value::Null),
        (Some(output), None) => write(arguments, &job, output, watch),
        (Some(output), Some((folder, config))) => {
            let folder = Folder::create(folder)?;
            let made = write(arguments, &job, output, watch)?;
            copy_config(config, &folder.path.join("config.json"), spec.dtype)?;
            folder.keep();
            Ok(made)
        }
    }
}

/// What libraries call a model's weights in its folder.
const WEIGHTS: &str = "model.safetensors";

fn is_file_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "safetensors")
}

/// A folder for a model, which is taken away again where nothing came into it.
struct Folder {
    path: PathBuf,
    is_new: bool,
}

impl Folder {
    fn create(path: &Path) -> Result<Self> {
        let is_new = !path.is_dir();
        if is_new {
            std::fs::create_dir(path).with_context(|| format!("cannot create the folder {}", path.display()))?;
        }
        Ok(Self { path: path.to_owned(), is_new })
    }

    fn keep(mut self) {
        self.is_new = false;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_new {
            // It stays where something is in it.
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}

/// Writes the configuration beside the weights, with the type that they were given, so that libraries load the folder.
fn copy_config(from: &Path, to: &Path, dtype: Option<DType>) -> Result<()> {
    let mut text = source::read_text(from)?;
    match dtype {
        None if to.is_file() && same_file::is_same_file(from, to).unwrap_or(false) => return Ok(()),
        None => {}
        Some(dtype) => {
            let mut config = config::parse(&text)?;
            let name = if config.get("torch_dtype").is_some() { "torch_dtype" } else { "dtype" };
            config[name] = json!(dtype::torch_name(dtype));
            text = format!("{config:#}\n");
        }
    }
    let failed = || format!("cannot write {}", to.display());
    let mut output = Output::create(to, text.len() as u64)?;
    let mut write = || -> Result<()> {
        let mut writer = output.writer(0)?;
        writer.write_all(text.as_bytes())?;
        Ok(writer.flush()?)
    };
    write().with_context(failed)?;
    output.finish()
}

fn check_output(output: &Path, inputs: &[Option<&PathBuf>]) -> Result<()> {
    ensure!(is_file_name(output), "cannot write {}: expected a name that ends in .safetensors", output.display());
    // Also by another name. Where one of them is not there, they are not the same.
    // Only files are opened for that: a pipe would wait for its other end.
    let same = |input: &&PathBuf| {
        output.is_file() && input.is_file() && same_file::is_same_file(output, input).unwrap_or(false)
    };
    ensure!(
        !inputs.iter().flatten().any(same),
        "cannot write {}: it is what the tensors are read from; give another name",
        output.display()
    );
    Ok(())
}

fn write(arguments: &InitArguments, job: &Job, path: &Path, watch: Watch<'_>) -> Result<Value> {
    let start = Instant::now();
    let header = safetensors::header(&job.tensors, job.seed)?;
    let bytes = header.len() as u64 + job.bytes();
    let mut output = if arguments.resume {
        Output::resume(path, bytes, &journal::Identity::new(job, header.len() as u64))?
    } else {
        Output::create(path, bytes)?
    };
    let requests: Vec<_> = job.requests().collect();
    let mut backend = backend::choose(&arguments.backend, requests.iter().copied())?;
    let chunks: Vec<_> = chunks(&job.tensors, header.len() as u64, backend.chunk_size()).collect();
    let (first, offset) = rest(&chunks, header.len() as u64, output.done());
    if offset > 0 {
        note(&format!("{}: going on at {} of {}", path.display(), progress::size(offset), progress::size(bytes)));
    }
    let mut host = if arguments.resume { Host::portable() } else { Host::default() };
    let mut done = chunks[..first].iter().map(Chunk::elements).sum();
    let written = output.writer(offset).and_then(|writer| {
        write_overlapped(writer, |sink| {
            if offset == 0 {
                sink(&mut Bytes::of(&header))?;
            }
            backend.run(&job.tensors, &chunks[first..], &mut host, &mut |chunk, bytes| {
                sink(bytes)?;
                done += chunk.elements();
                watch(done, job.elements())
            })
        })
    });
    let written = written.with_context(|| format!("cannot write {}", path.display()));
    let finished = written.and_then(|()| output.finish());
    if arguments.resume {
        finished.context("what is written is kept, and the same command goes on from there")?;
    } else {
        finished?;
    }

    let seconds = start.elapsed().as_secs_f64();
    let (parameters, tensors) = (job.parameters(), job.tensors.len());
    note(&format!(
        "{parameters} parameters in {tensors} tensors, {} in {seconds:.2} s ({}) by {} -> {}",
        progress::size(job.bytes()),
        progress::rate(job.elements(), seconds),
        backend.name(),
        path.display()
    ));
    Ok(json!({
        "output": path.display().to_string(),
        "backend": backend.kind(),
        "processor": backend.name(),
        "seed": job.seed,
        "tensors": tensors,
        "parameters": parameters,
        "elements": job.elements(),
        "bytes": job.bytes(),
        "seconds": seconds,
        "elements_per_second": job.elements() as f64 / seconds,
    }))
}

/// Which chunks are not among the first `done` bytes of the file, and where they begin in it; the header is the first
/// to be.
fn rest(chunks: &[Chunk], header: u64, done: u64) -> (usize, u64) {
    if done < header {
        return (0, 0);
    }
    let first = chunks.partition_point(|chunk| chunk.offset + chunk.bytes <= done);
    (first, chunks[..first].last().map_or(header, |chunk| chunk.offset + chunk.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_that_are_whole_are_not_computed_again() {
        let chunks = [(8, 10), (18, 20), (38, 5)].map(|(offset, bytes)| Chunk { offset, bytes, pieces: Vec::new() });
        for (done, expected) in [
            (0, (0, 0)),
            (7, (0, 0)),
            (8, (0, 8)),
            (17, (0, 8)),
            (18, (1, 18)),
            (37, (1, 18)),
            (38, (2, 38)),
            (43, (3, 43)),
        ] {
            assert_eq!(rest(&chunks, 8, done), expected, "{done}");
        }
    }
}
