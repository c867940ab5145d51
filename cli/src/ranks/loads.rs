//! What each rank has to write, without a list of all slices: sums over tensors and over ranks, never over both.

use std::ops::AddAssign;

use crate::args::distributed::Partition;
use crate::model::dtype;
use crate::model::job::Tensor;
use crate::ranks::balance;

/// What a rank writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) files: u64,
    /// Tensors of which it has something.
    pub(crate) tensors: u64,
    pub(crate) elements: u64,
    pub(crate) bytes: u64,
}

impl AddAssign for Load {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.tensors += other.tensors;
        self.elements += other.elements;
        self.bytes += other.bytes;
    }
}

/// A tensor, or so many elements of one.
fn of(tensor: &Tensor, elements: u64) -> Load {
    Load { files: 0, tensors: u64::from(elements > 0), elements, bytes: elements * dtype::size(tensor.dtype) }
}

/// Of files with these tensors each.
pub(crate) fn of_files<'a>(files: impl Iterator<Item = &'a [Tensor]>, ranks: u64) -> Vec<Load> {
    let files = files.map(|tensors| {
        let mut load = Load { files: 1, ..Load::default() };
        tensors.iter().for_each(|tensor| load += of(tensor, tensor.elements));
        load
    });
    shared(&files.collect::<Vec<_>>(), ranks)
}

fn shared(parts: &[Load], ranks: u64) -> Vec<Load> {
    let owners = balance::share(&parts.iter().map(|part| part.bytes).collect::<Vec<_>>(), ranks);
    let mut loads = vec![Load::default(); ranks as usize];
    for (part, owner) in parts.iter().zip(owners) {
        loads[owner as usize] += *part;
    }
    loads
}

/// Of a partition.
pub(crate) fn of_partition(tensors: &[Tensor], partition: Partition, ranks: u64) -> Vec<Load> {
    let file = Load { files: 1, ..Load::default() };
    if partition == Partition::Tensor {
        let parts: Vec<_> = tensors.iter().map(|tensor| of(tensor, tensor.elements)).collect();
        let mut loads = shared(&parts, ranks);
        loads.iter_mut().for_each(|load| *load += file);
        return loads;
    }
    // Of each tensor the first ranks have equal chunks, one has what is left, and the others have nothing. So many have
    // a chunk:
    let mut ends = vec![Load::default(); ranks as usize + 1];
    let mut loads = vec![file; ranks as usize];
    let mut each = Load::default();
    for tensor in tensors {
        let axis = match partition {
            Partition::Flat => None,
            Partition::Cols if tensor.shape.len() > 1 => Some(1),
            _ => Some(0),
        };
        let length = axis.map_or(tensor.elements, |axis| tensor.shape.get(axis).copied().unwrap_or(1));
        if length == 0 || tensor.elements == 0 {
            continue;
        }
        let (chunk, step) = (length.div_ceil(ranks), tensor.elements / length);
        let (full, rest) = (length / chunk, length % chunk);
        let share = of(tensor, chunk * step);
        each += share;
        ends[full as usize] += share;
        if rest > 0 {
            loads[full as usize] += of(tensor, rest * step);
        }
    }
    for (load, end) in loads.iter_mut().zip(ends) {
        each.tensors -= end.tensors;
        each.elements -= end.elements;
        each.bytes -= end.bytes;
        *load += each;
    }
    loads
}
