//! Checkpoints: a .safetensors file, or the files of an index or of a folder as one.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};
use safetensors::tensor::{Metadata, TensorInfo};

use crate::args::distributed::Partition;
use crate::model::header::{self, Declared};
use crate::model::index::{self, Index};
use crate::model::opened::{self, Opened, State, open};
use crate::progress::note;

/// What libraries call a model's weights in its folder.
pub(crate) const WEIGHTS: &str = "model.safetensors";

/// Tensors with their bytes.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    /// As it was given: a file or a folder.
    path: PathBuf,
    shards: Vec<Shard>,
    /// The names of its tensors, in the order of their files and of their data, and the number of each one's file.
    names: Vec<(String, usize)>,
    /// Bytes of all tensors by their index, if that says how many.
    total_size: Option<f64>,
    /// Where in that list a name is.
    places: HashMap<String, usize>,
    /// The file that was read last, with its number.
    opened: Mutex<Option<(usize, Opened)>>,
}

/// One of its files.
#[derive(Debug)]
struct Shard {
    path: PathBuf,
    metadata: Metadata,
    /// Where its data begin.
    data: u64,
    /// What it was when its header was read.
    state: State,
}

/// The file that `path` means: itself, or the weights of a folder, an index if they have one.
pub(crate) fn locate(path: &Path) -> Result<PathBuf> {
    if !opened::is_folder(path) {
        return Ok(path.to_owned());
    }
    let names = weights(path)?;
    let (files, indices): (Vec<_>, Vec<_>) =
        names.iter().map(String::as_str).partition(|name| name.ends_with(".safetensors"));
    match (&indices[..], &files[..]) {
        ([index], files) => {
            let single = index.trim_end_matches(index::ENDING);
            ensure!(
                !files.contains(&single),
                "{} has both {single} and {index}; name the one that is meant",
                path.display()
            );
            Ok(path.join(index))
        }
        ([], [file]) => Ok(path.join(file)),
        ([], []) => bail!("{} has no .safetensors; give a folder with weights", path.display()),
        (indices, files) => {
            let found = if indices.is_empty() { files } else { indices };
            let (first, more) = found.split_at(found.len().min(5));
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            bail!("{} has several: {}{more}; name the one that is meant", path.display(), first.join(", "))
        }
    }
}

/// The files that are read of `path`: itself, or those of the folder or the index that it is. Where that cannot be
/// read, it alone.
pub(crate) fn files(path: &Path) -> Vec<PathBuf> {
    let file = locate(path).unwrap_or_else(|_| path.to_owned());
    let index = if may_be_index(&file) { Index::read(&file).ok() } else { None };
    index.iter().flat_map(Index::places).chain([file.clone()]).collect()
}

/// Whether a file is no .safetensors itself.
fn may_be_index(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json")
}

/// Names of the files in a folder that are weights or their indices.
fn weights(folder: &Path) -> Result<Vec<String>> {
    let mut names = opened::names(folder)?;
    let index = format!(".safetensors{}", index::ENDING);
    names.retain(|name| !name.starts_with('.') && (name.ends_with(".safetensors") || name.ends_with(&index)));
    Ok(names)
}

/// Whether a folder has weights or an index of them.
pub(crate) fn has_weights(folder: &Path) -> Result<bool> {
    Ok(!weights(folder)?.is_empty())
}

impl Checkpoint {
    /// The checkpoint in file or folder `path`, with all its data.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::of(path, header::read)
    }

    /// The checkpoint in file or folder `path`, with all its data, which are those of whole tensors.
    pub(crate) fn of_whole_tensors(path: &Path) -> Result<Self> {
        let checkpoint = Self::open(path)?;
        checkpoint.check_whole()?;
        Ok(checkpoint)
    }

    /// The tensors that `path` declares, whole ones: of its files the headers suffice.
    pub(crate) fn declared(path: &Path) -> Result<Vec<Declared>> {
        let checkpoint = Self::of(path, header::read_alone)?;
        checkpoint.check_whole()?;
        Ok(checkpoint.tensors().map(|(name, info)| Declared::new(name, info)).collect())
    }

    fn of(path: &Path, read: fn(&mut Opened, &Path) -> Result<(Metadata, u64)>) -> Result<Self> {
        let file = locate(path)?;
        let index = if may_be_index(&file) { Some(Index::read(&file)?) } else { None };
        let paths = match &index {
            None => vec![file],
            Some(index) => {
                index.check_files()?;
                index.places().collect()
            }
        };
        let (mut shards, mut names, mut last) = (Vec::new(), Vec::new(), None);
        for (number, path) in paths.into_iter().enumerate() {
            let mut file = open(&path)?;
            let (metadata, data) = read(&mut file, &path)?;
            let state = file.state().with_context(|| format!("cannot read {}", path.display()))?;
            names.extend(metadata.offset_keys().into_iter().map(|name| (name, number)));
            shards.push(Shard { path, metadata, data, state });
            last = Some((number, file));
        }
        let total_size = index.as_ref().and_then(|index| index.total_size);
        if let Some(index) = index {
            check(&index, &shards, &mut names)?;
        }
        let places = names.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect();
        Ok(Self { path: path.to_owned(), shards, names, total_size, places, opened: Mutex::new(last) })
    }

    /// As it was given.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The tensors in the order of their files and of their data.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (&str, &TensorInfo)> {
        self.names.iter().filter_map(|(name, shard)| Some((name.as_str(), self.shards[*shard].metadata.info(name)?)))
    }

    /// Refuses a rank's file that has slices: their shapes are not those by which tensors are initialized.
    fn check_whole(&self) -> Result<()> {
        let is_alone = self.note(header::WORLD_SIZE) == Some("1");
        let has_slices = |partition: &&str| {
            *partition == Partition::Flat.name() || *partition != Partition::Tensor.name() && !is_alone
        };
        if let Some(partition) = self.note(header::PARTITION).filter(has_slices) {
            bail!(
                "{} is a rank's file, whose tensors are slices (--partition {partition}); give what all of it was made \
                 from",
                self.path.display()
            );
        }
        Ok(())
    }

    /// Bytes of all tensors as the index says and as the files have them, if these differ.
    pub(crate) fn wrong_size(&self) -> Option<(f64, u64)> {
        let bytes = self.tensors().map(|(_, info)| (info.data_offsets.1 - info.data_offsets.0) as u64).sum();
        self.total_size.filter(|size| *size != bytes as f64).map(|size| (size, bytes))
    }

    /// What a single file's header says under `key`.
    pub(crate) fn note(&self, key: &str) -> Option<&str> {
        let [shard] = &self.shards[..] else { return None };
        shard.metadata.metadata().as_ref()?.get(key).map(String::as_str)
    }

    fn shard(&self, name: &str) -> Option<(usize, &Shard)> {
        let number = self.names[*self.places.get(name)?].1;
        Some((number, &self.shards[number]))
    }

    pub(crate) fn info(&self, name: &str) -> Option<&TensorInfo> {
        self.shard(name)?.1.metadata.info(name)
    }

    /// The file that holds a tensor.
    pub(crate) fn file(&self, name: &str) -> &Path {
        self.shard(name).map_or(&self.path, |(_, shard)| &shard.path)
    }

    /// What tells a tensor's file from others, and from what it is when it has changed.
    pub(crate) fn state(&self, name: &str) -> Option<State> {
        self.shard(name).map(|(_, shard)| shard.state)
    }

    /// Reads `bytes` from byte `first` of a tensor on.
    pub(crate) fn read_at(&self, name: &str, first: u64, bytes: &mut [u8]) -> Result<()> {
        let failed = || format!("cannot read {}", self.file(name).display());
        let (number, shard) = self.shard(name).with_context(failed)?;
        let info = shard.metadata.info(name).with_context(failed)?;
        let mut opened = self.opened.lock().ok().with_context(failed)?;
        let known = opened.take().filter(|(opened, _)| *opened == number);
        let (_, file) = opened.insert(match known {
            Some(known) => known,
            None => {
                let file = open(&shard.path)?;
                let is_same = file.state().with_context(failed)? == shard.state;
                ensure!(is_same, "{}: it was changed meanwhile; leave it alone, and try again", failed());
                (number, file)
            }
        });
        let offset = shard.data + info.data_offsets.0 as u64 + first;
        file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(bytes)).with_context(failed)
    }

    /// The bytes of a tensor from the first on.
    pub(crate) fn reader<'a>(&'a self, name: &'a str) -> impl Read + 'a {
        Reader { checkpoint: self, name, at: 0 }
    }
}

/// Files and index say the same; names of tensors that the index passes over are taken out, and told.
fn check(index: &Index, shards: &[Shard], names: &mut Vec<(String, usize)>) -> Result<()> {
    let of_index: HashMap<_, _> = index.tensors.iter().map(|(name, file)| (name.as_str(), *file)).collect();
    let without = index.tensors.iter().find(|(name, file)| shards[*file].metadata.info(name).is_none());
    if let Some((name, file)) = without {
        bail!(
            "{} has no tensor '{name}', which its index puts there; give the files that belong together",
            shards[*file].path.display()
        );
    }
    let found = names.len();
    names.retain(|(name, file)| of_index.get(name.as_str()) == Some(file));
    let passed_over = found - names.len();
    if passed_over > 0 {
        let of = shards.first().and_then(|shard| shard.path.parent()).unwrap_or(Path::new(""));
        note(&format!("{passed_over} tensors in files of {} are not in its index, and are passed over", of.display()));
    }
    Ok(())
}

struct Reader<'a> {
    checkpoint: &'a Checkpoint,
    name: &'a str,
    at: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let info = self.checkpoint.info(self.name).ok_or(io::ErrorKind::NotFound)?;
        let left = (info.data_offsets.1 - info.data_offsets.0) as u64 - self.at;
        let count = left.min(bytes.len() as u64) as usize;
        self.checkpoint.read_at(self.name, self.at, &mut bytes[..count]).map_err(io::Error::other)?;
        self.at += count as u64;
        Ok(count)
    }
}
