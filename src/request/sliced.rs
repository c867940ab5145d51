//! A slice of what a tensor is to hold.

use std::ops::Range;

use crate::dtype::DType;
#[cfg(doc)]
use crate::error::Error;
use crate::error::{Result, SliceError};
use crate::request::fill::{Fill, element_count, part};
use crate::request::orthogonal::Orthogonal;
use crate::request::slice::Slice;
use crate::request::stream::Stream;
use crate::request::update::Update;

/// What a tensor is to hold of which there is a slice.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Whole {
    /// Elements that are each a function of their own index.
    Fill(Fill),
    /// Elements that depend on each other: whoever wants some of a matrix computes all of it.
    Orthogonal(Orthogonal),
    /// A change of what a shard holds already.
    Update(Update),
}

/// A [`Slice`] of what a tensor is to hold, or a range of the slice's own elements:
/// [`Request::slice`](crate::Request::slice) makes it.
///
/// Element number p of the slice is element [`Slice::source`] (p) of the tensor, and goes to place p of the
/// destination, or into a box of it ([`Slice::with_destination`]). Of a fill or an update nothing else is computed, on
/// GPUs and CPUs alike. Of an orthogonal matrix all is computed by whoever asks for any of it, in the time and memory
/// of the whole; matrices of a stack that the slice does not touch are left out.
///
/// ```
/// use weightinit::request::{Mesh, Shard};
/// use weightinit::{DType, Initializer, Layout, Request, cpu};
///
/// // Rank 5 of 2 x 4: a quarter of the columns.
/// let (shape, mesh) = ([64, 48], Mesh::new(&[2, 4])?);
/// let weight = Initializer::he_normal().request("fc.weight", &shape, Layout::Torch, DType::BF16)?.with_seed(7);
/// let shard = weight.slice(&mesh.slice(5, &shape, &[Shard::Replicate, Shard::Split(1)])?)?;
/// let Request::Slice(sliced) = &shard else { panic!("a slice") };
/// assert_eq!((sliced.slice().offsets(), sliced.slice().sizes()), (&[0, 12][..], &[64, 12][..]));
/// assert_eq!(cpu::bytes(&shard)?.len(), 64 * 12 * 2);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sliced {
    of: Whole,
    slice: Slice,
    elements: Range<u64>,
}

impl Sliced {
    /// All of a slice.
    pub(crate) fn new(of: Whole, slice: &Slice) -> Result<Self> {
        // Of the whole, whatever part of it was asked for.
        let (of, expected) = match of {
            Whole::Fill(fill) => (Whole::Fill(fill.range(0..fill.tensor_len())?), fill.tensor_len()),
            Whole::Orthogonal(orthogonal) => {
                let len = orthogonal.tensor_len();
                (Whole::Orthogonal(orthogonal.range(0..len)?), len)
            }
            Whole::Update(update) if update.elements_in_view().is_some() => return Err(SliceError::OfView.into()),
            Whole::Update(update) => {
                let len = update.fill().tensor_len();
                (Whole::Update(update.range(0..len)?), len)
            }
        };
        let elements = slice.tensor_len();
        if elements != expected {
            return Err(SliceError::Mismatch { shape: slice.shape().to_vec(), elements, expected }.into());
        }
        let sliced = Self { of, slice: slice.clone(), elements: 0..slice.element_count() };
        if let Some(destination) = slice.destination() {
            element_count(destination.shape(), sliced.dtype())?;
        }
        Ok(sliced)
    }

    /// The same from another seed.
    pub fn with_seed(self, seed: u64) -> Self {
        let of = match self.of {
            Whole::Fill(fill) => Whole::Fill(fill.with_seed(seed)),
            Whole::Orthogonal(orthogonal) => Whole::Orthogonal(orthogonal.with_seed(seed)),
            Whole::Update(update) => Whole::Update(update.with_seed(seed)),
        };
        Self { of, ..self }
    }

    /// The same for another tensor, by number or by name.
    pub fn with_stream(self, stream: impl Into<Stream>) -> Self {
        let of = match self.of {
            Whole::Fill(fill) => Whole::Fill(fill.with_stream(stream)),
            Whole::Orthogonal(orthogonal) => Whole::Orthogonal(orthogonal.with_stream(stream)),
            Whole::Update(update) => Whole::Update(update.with_stream(stream)),
        };
        Self { of, ..self }
    }

    /// The elements with these numbers in the slice, which is how a slice is made piece by piece.
    ///
    /// # Errors
    /// [`Error::InvalidRange`] if they are none or not inside the slice.
    pub fn range(&self, elements: Range<u64>) -> Result<Self> {
        Ok(Self { elements: part(self.slice.element_count(), elements)?, ..self.clone() })
    }

    /// What the whole tensor is to hold.
    pub fn of(&self) -> &Whole {
        &self.of
    }

    /// The fill, if that is what the whole tensor is to hold.
    pub fn fill(&self) -> Option<&Fill> {
        if let Whole::Fill(fill) = &self.of { Some(fill) } else { None }
    }

    /// The orthogonal tensor, if that is what the whole is to hold.
    pub fn orthogonal(&self) -> Option<&Orthogonal> {
        if let Whole::Orthogonal(orthogonal) = &self.of { Some(orthogonal) } else { None }
    }

    /// Which part of the tensor.
    pub fn slice(&self) -> &Slice {
        &self.slice
    }

    /// Type of the elements.
    pub fn dtype(&self) -> DType {
        match &self.of {
            Whole::Fill(fill) => fill.dtype(),
            Whole::Orthogonal(orthogonal) => orthogonal.dtype(),
            Whole::Update(update) => update.fill().dtype(),
        }
    }

    /// The elements to write, by their numbers in the slice.
    pub fn elements(&self) -> Range<u64> {
        self.elements.clone()
    }

    /// Number of elements to write, which may be 0.
    pub fn element_count(&self) -> u64 {
        self.elements.end - self.elements.start
    }

    /// Number of bytes to write.
    pub fn byte_count(&self) -> u64 {
        self.element_count() * self.dtype().size()
    }

    /// Bytes from the first to the last that it may write: more than [`Sliced::byte_count`] where its elements go into
    /// a box of a larger array.
    pub fn span(&self) -> u64 {
        self.slice.destination().map_or(self.element_count(), Slice::tensor_len) * self.dtype().size()
    }

    /// The same with elements one after the other.
    pub(crate) fn compact(&self) -> Self {
        Self { slice: self.slice.compact(), ..self.clone() }
    }
}
