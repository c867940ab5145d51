//! Meshes: ranks along axes, and the slice of a tensor that each of them has.

use std::ops::Range;

use crate::error::{Error, Result, SliceError};
use crate::request::slice::Slice;

/// What the ranks along one axis of a mesh do with a tensor: PyTorch's `Replicate()` and `Shard(dim)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shard {
    /// Each has all of it.
    #[default]
    Replicate,
    /// They split it along this axis of the tensor.
    Split(usize),
}

/// Ranks in up to four axes, such as data, pipeline, expert and tensor parallelism: the last axis changes fastest with
/// the rank, as in PyTorch's `DeviceMesh` and JAX's `Mesh`.
///
/// ```
/// use weightinit::request::{Mesh, Shard};
///
/// let mesh = Mesh::new(&[2, 4])?; // data x tensor
/// assert_eq!((mesh.ranks(), mesh.coordinates(6)?), (8, vec![1, 2]));
/// // FSDP over the first axis of a tensor and tensor parallelism over its second.
/// let slice = mesh.slice(6, &[10, 8], &[Shard::Split(0), Shard::Split(1)])?;
/// assert_eq!((slice.offsets(), slice.sizes()), (&[5, 4][..], &[5, 2][..]));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mesh {
    axes: Vec<u64>,
}

impl Mesh {
    /// A mesh with this many ranks along each axis.
    ///
    /// # Errors
    /// [`SliceError::InvalidMesh`] for no axis, more than four, one of no ranks, or more ranks than 64 bits count.
    pub fn new(axes: &[u64]) -> Result<Self> {
        let ranks = axes.iter().try_fold(1u64, |ranks, axis| ranks.checked_mul(*axis));
        if !(1..=4).contains(&axes.len()) || ranks.is_none_or(|ranks| ranks == 0) {
            return Err(SliceError::InvalidMesh { axes: axes.to_vec() }.into());
        }
        Ok(Self { axes: axes.to_vec() })
    }

    /// Ranks along each axis.
    pub fn axes(&self) -> &[u64] {
        &self.axes
    }

    /// How many ranks there are.
    pub fn ranks(&self) -> u64 {
        self.axes.iter().product()
    }

    /// The place of `rank` along each axis: that along a pipeline's axis says which layers it has.
    ///
    /// # Errors
    /// [`SliceError::NoSuchRank`].
    pub fn coordinates(&self, rank: u64) -> Result<Vec<u64>> {
        let ranks = self.ranks();
        if rank >= ranks {
            return Err(SliceError::NoSuchRank { rank, ranks }.into());
        }
        let mut stride = ranks;
        let place = |axis: &u64| {
            stride /= axis;
            rank / stride % axis
        };
        Ok(self.axes.iter().map(place).collect())
    }

    /// What `rank` has of a tensor of `shape`, by DTensor's rule: `placements` holds one for each axis of the mesh, and
    /// axis by axis what is left is divided by [`chunk`], as `torch.chunk` does. Some ranks may have nothing.
    ///
    /// # Errors
    /// [`SliceError::NoSuchRank`]; [`SliceError::Placements`] for another number of placements than axes;
    /// [`Error::NoSuchAxis`]; [`Error::EmptyShape`] and [`Error::TooManyElements`] for the shape.
    pub fn slice(&self, rank: u64, shape: &[u64], placements: &[Shard]) -> Result<Slice> {
        let places = self.coordinates(rank)?;
        self.check("placements", placements.len(), self.axes.len())?;
        let (mut offsets, mut sizes) = (vec![0; shape.len()], shape.to_vec());
        for ((placement, place), ranks) in placements.iter().zip(places).zip(&self.axes) {
            let Shard::Split(axis) = *placement else { continue };
            let Some(size) = sizes.get_mut(axis) else { return Err(Error::NoSuchAxis { axis, shape: shape.to_vec() }) };
            let part = chunk(*size, *ranks, place);
            offsets[axis] += part.start;
            *size = part.end - part.start;
        }
        Slice::new(shape, &offsets, &sizes)
    }

    /// The same by GSPMD's rule, which is that of JAX's `PartitionSpec`: `spec` holds for each axis of the tensor the
    /// axes of the mesh that split it, the first outermost. They divide it at once, into as many [`chunk`]s as they
    /// have ranks together. Where each axis of the tensor is split by one axis of the mesh at most, or evenly, it is
    /// [`Mesh::slice`]'s division.
    ///
    /// # Errors
    /// [`SliceError::NoSuchRank`]; [`SliceError::Placements`] for another number of entries than the tensor has axes;
    /// [`SliceError::Spec`] for an axis that the mesh does not have or that is named twice; [`Error::EmptyShape`] and
    /// [`Error::TooManyElements`] for the shape.
    ///
    /// ```
    /// use weightinit::request::{Mesh, Shard};
    ///
    /// let mesh = Mesh::new(&[2, 2])?;
    /// let by_spec = |rank| mesh.slice_by_spec(rank, &[5], &[&[0, 1]]).unwrap().sizes()[0];
    /// assert_eq!([0, 1, 2, 3].map(by_spec), [2, 2, 1, 0]);
    /// // DTensor divides 5 into 3 and 2, and those again.
    /// let by_axis = |rank| mesh.slice(rank, &[5], &[Shard::Split(0), Shard::Split(0)]).unwrap().sizes()[0];
    /// assert_eq!([0, 1, 2, 3].map(by_axis), [2, 1, 1, 1]);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn slice_by_spec(&self, rank: u64, shape: &[u64], spec: &[&[usize]]) -> Result<Slice> {
        let places = self.coordinates(rank)?;
        self.check("entries of the spec", spec.len(), shape.len())?;
        let mut seen = vec![0; self.axes.len()];
        let unknown = spec.iter().copied().flatten().find(|axis| match seen.get_mut(**axis) {
            Some(times) => std::mem::replace(times, 1) > 0,
            None => true,
        });
        if let Some(&axis) = unknown {
            return Err(SliceError::Spec { axis, axes: self.axes.clone() }.into());
        }
        let parts = shape.iter().zip(spec).map(|(&length, axes)| {
            let place = axes.iter().fold(0, |place, axis| place * self.axes[*axis] + places[*axis]);
            chunk(length, axes.iter().map(|axis| self.axes[*axis]).product(), place)
        });
        let parts: Vec<_> = parts.collect();
        let offsets: Vec<_> = parts.iter().map(|part| part.start).collect();
        let sizes: Vec<_> = parts.iter().map(|part| part.end - part.start).collect();
        Slice::new(shape, &offsets, &sizes)
    }

    fn check(&self, what: &'static str, found: usize, expected: usize) -> Result<()> {
        if found == expected {
            return Ok(());
        }
        Err(SliceError::Placements { what, found, expected }.into())
    }
}

/// Which of `length` places the part with the number `index` of `parts` has: the first parts have ⌈length / parts⌉
/// each, then one has what is left, then all are empty, at the end. This is the division of `torch.chunk` and so of
/// DTensor and FSDP2, and GSPMD's.
///
/// ```
/// use weightinit::request::chunk;
///
/// assert_eq!([0, 1, 2, 3].map(|index| chunk(5, 4, index)), [0..2, 2..4, 4..5, 5..5]);
/// assert_eq!(chunk(5, 0, 0), 0..0);
/// ```
pub fn chunk(length: u64, parts: u64, index: u64) -> Range<u64> {
    let size = length.checked_div(parts).map_or(0, |_| length.div_ceil(parts));
    let start = size.saturating_mul(index).min(length);
    if size == 0 { 0..0 } else { start..start.saturating_add(size).min(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        let mesh = Mesh::new(&[2, 3]).unwrap();
        assert_eq!(mesh.coordinates(6).unwrap_err().to_string(), "there is no rank 6 among 6; give one from 0 to 5");
        for axes in [&[][..], &[2, 0], &[1, 1, 1, 1, 1], &[1 << 33, 1 << 33]] {
            assert_eq!(Mesh::new(axes).unwrap_err(), SliceError::InvalidMesh { axes: axes.to_vec() }.into());
        }
        assert_eq!(
            Mesh::new(&[2, 0]).unwrap_err().to_string(),
            "a mesh cannot have the axes [2, 0]; give 1 to 4 of them, of at least one rank each and fewer than 2^64 \
             together"
        );
        assert_eq!(
            mesh.slice(0, &[4], &[Shard::Replicate]).unwrap_err().to_string(),
            "there are 1 placements where 2 are expected; give one for each axis"
        );
        assert_eq!(
            mesh.slice(0, &[4], &[Shard::Replicate, Shard::Split(1)]).unwrap_err(),
            Error::NoSuchAxis { axis: 1, shape: vec![4] }
        );
        assert_eq!(
            mesh.slice_by_spec(0, &[4, 4], &[&[1], &[1]]).unwrap_err().to_string(),
            "axis 1 of the mesh [2, 3] is named twice or does not exist; name each axis once, numbered from 0"
        );
        assert_eq!(
            mesh.slice_by_spec(0, &[4], &[&[2]]).unwrap_err(),
            SliceError::Spec { axis: 2, axes: vec![2, 3] }.into()
        );
    }
}
