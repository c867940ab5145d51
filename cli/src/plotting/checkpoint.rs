//! A file's tensors as numbers.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use safetensors::Dtype;
use weightinit::verify::SampleMoments;

use crate::limits;
use crate::model::checkpoint;
use crate::plotting::natural;
use crate::statistics::elements;

/// A file of tensors.
pub(crate) struct Checkpoint {
    file: checkpoint::Checkpoint,
}

/// A tensor with all its finite elements.
pub(crate) struct Tensor {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f64>,
}

impl Checkpoint {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Ok(Self { file: checkpoint::Checkpoint::open(path)? })
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// What the file is called.
    pub(crate) fn name(&self) -> String {
        self.path().file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Names of its tensors that hold numbers and at least one, as people count: layer 2 comes before layer 10.
    pub(crate) fn names(&self) -> Vec<String> {
        let shown = self.file.tensors().filter(|(_, info)| elements::is_number(info.dtype) && !info.shape.contains(&0));
        let mut names: Vec<_> = shown.map(|(name, _)| name.to_owned()).collect();
        names.sort_by(|a, b| natural::compare(a, b));
        names
    }

    /// The moments of a tensor's finite elements.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn moments(&self, name: &str) -> Result<SampleMoments> {
        let mut moments = SampleMoments::default();
        self.read(name, |values| moments = moments.and(SampleMoments::of(values)))?;
        Ok(moments)
    }

    /// A tensor with its elements.
    ///
    /// # Errors
    /// One that the file does not have or that has no numbers; too little memory.
    pub(crate) fn tensor(&self, name: &str) -> Result<Tensor> {
        let path = self.path().display().to_string();
        let Some(info) = self.file.info(name) else {
            bail!("{path} has no tensor '{name}'; it has: {}", listed(&self.names()));
        };
        let (dtype, shape) = (info.dtype, info.shape.clone());
        ensure!(
            elements::is_number(dtype) && !shape.contains(&0),
            "tensor '{name}' of {path} has no numbers to plot: it is {dtype:?} of shape {shape:?}"
        );
        let count = shape.iter().product::<usize>();
        // The elements, the same in order, and once more in the matrix of which singular values are taken.
        limits::check_room(&format!("tensor '{name}'"), 24 * count as u64)?;
        let mut all = Vec::with_capacity(count);
        self.read(name, |values| all.extend_from_slice(values))?;
        ensure!(!all.is_empty(), "tensor '{name}' of {path} has no finite elements to plot");
        Ok(Tensor { dtype, shape, values: all })
    }

    /// Gives the finite elements of a tensor to `take`, some at a time.
    fn read(&self, name: &str, mut take: impl FnMut(&[f64])) -> Result<()> {
        let failed = || format!("cannot read tensor '{name}' of {}", self.path().display());
        let info = self.file.info(name).with_context(failed)?;
        let read = elements::read_chunks(self.file.reader(name), info, |values| {
            values.retain(|value| value.is_finite());
            take(values);
            Ok(())
        });
        read.with_context(failed)
    }
}

/// The first of many names.
fn listed(names: &[String]) -> String {
    const MOST: usize = 10;
    let more = if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
    names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ") + &more
}
