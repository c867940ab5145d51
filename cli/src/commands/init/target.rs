//! What `init` is to write, as options, the output's name and the launcher say together.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::args::InitArguments;
use crate::args::distributed::Partition;
use crate::model::checkpoint::{self, WEIGHTS};
use crate::model::opened::ends_with_slash;
use crate::ranks::launcher::Rank;
use crate::store::address::is_remote;

/// What is written, and by which process.
pub(super) struct Target {
    pub(super) files: Files,
    /// The folder that was asked for in the place of a file's name, or that several files come into.
    pub(super) folder: Option<PathBuf>,
    pub(super) rank: Rank,
}

/// Files and what their names begin with.
pub(super) enum Files {
    One(PathBuf),
    /// No larger than so many bytes each.
    Shards(String, u64),
    /// One for each rank.
    Ranks(Partition),
}

impl Target {
    /// What is asked for; nothing without an output.
    pub(super) fn of(arguments: &InitArguments, config: Option<&Path>) -> Result<Option<Self>> {
        let division = &arguments.division;
        let Some(output) = &arguments.output else {
            ensure!(
                division.shard_size.is_none() && division.partition.is_none() && arguments.rank.rank.is_none(),
                "there is no output to divide; give a folder as -o FOLDER/"
            );
            return Ok(None);
        };
        let rank = Rank::find(&arguments.rank);
        ensure!(
            !(is_remote(output) && arguments.local_folder),
            "cannot write {}: a store is no disk of one machine; leave --local-folder out",
            output.display()
        );
        ensure!(
            output.as_os_str() != "-" || (division.partition.is_none() && division.shard_size.is_none()),
            "cannot write -: several files do not go to a pipe; give a folder as -o FOLDER/"
        );
        if let Some(partition) = division.partition {
            ensure!(
                !is_file_name(output),
                "cannot write {}: --partition writes a file for each rank; give a folder as -o FOLDER/",
                output.display()
            );
            let files = Files::Ranks(partition);
            return Ok(Some(Self { files, folder: Some(output.clone()), rank: rank? }));
        }
        if let Some(size) = division.shard_size {
            let (folder, stem) = if is_file_name(output) {
                let folder = output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                (folder, output.file_stem())
            } else {
                (output.as_path(), Path::new(WEIGHTS).file_stem())
            };
            let stem = stem.and_then(|stem| stem.to_str()).filter(|stem| !stem.is_empty());
            ensure!(
                stem.is_some(),
                "cannot write {}: names of shards are UTF-8; give a folder, or another name",
                output.display()
            );
            let files = Files::Shards(stem.unwrap_or_default().to_owned(), size);
            return Ok(Some(Self { files, folder: Some(folder.to_owned()), rank: rank? }));
        }
        let rank = rank?;
        for (is_given, option) in
            [(arguments.verify_existing, "--verify-existing"), (arguments.local_folder, "--local-folder")]
        {
            ensure!(
                !is_given,
                "cannot write {}: {option} is for several files; give --shard-size 5GB or --partition, or leave it out",
                output.display()
            );
        }
        ensure!(
            rank.world_size == 1,
            "cannot write {}: this is {}, and they cannot write one file; give --shard-size 5GB or --partition, or run \
             one process",
            output.display(),
            rank.words().unwrap_or_default()
        );
        let folder = output.to_owned();
        let folder = Some(folder).filter(|path| config.is_some() && !is_file_name(path));
        let path = folder.as_deref().map_or_else(|| output.clone(), |folder| folder.join(WEIGHTS));
        ensure!(
            !(is_remote(output) && arguments.resume),
            "cannot write {}: a single object is uploaded whole or not at all, so that there is nothing to resume; \
             give --shard-size 5GB to go on after complete shards, or leave --resume out",
            output.display()
        );
        Ok(Some(Self { files: Files::One(path), folder, rank }))
    }

    /// Refuses names that are no output's, and the files that are read. Where there are several outputs, what is in
    /// their folder already is looked at later.
    pub(super) fn check(&self, inputs: &[Option<&PathBuf>]) -> Result<()> {
        let Files::One(output) = &self.files else { return Ok(()) };
        let slash = if is_file_name(&output.components().collect::<PathBuf>()) { ", without a slash" } else { "" };
        ensure!(
            is_file_name(output),
            "cannot write {}: expected a name that ends in .safetensors{slash}",
            output.display()
        );
        // Also by another name. Where one of them is not there, they are not the same.
        // Only files are opened for that: a pipe would wait for its other end.
        let same = |input: PathBuf| input.is_file() && same_file::is_same_file(output, &input).unwrap_or(false);
        ensure!(
            !output.is_file() || !inputs.iter().flatten().flat_map(|input| checkpoint::files(input)).any(same),
            "cannot write {}: it is what the tensors are read from; give another name",
            output.display()
        );
        Ok(())
    }
}

/// Whether a path is a file's, by its name; one that ends in a slash is a folder's.
fn is_file_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "safetensors") && !ends_with_slash(path)
}
