//! The request: one type for all that can be asked for.

use std::ops::Range;

use crate::dtype::DType;
use crate::error::Result;
use crate::request::fill::Fill;
use crate::request::orthogonal::Orthogonal;
use crate::request::slice::Slice;
use crate::request::sliced::{Sliced, Whole};
use crate::request::stream::Stream;
use crate::request::update::Update;

/// What a tensor, or a part of it, is to hold: what plans, the GPU, the CPU and checks take.
///
/// [`Initializer::request`](crate::Initializer::request) makes one; [`Fill`]s, [`Orthogonal`]s and [`Update`]s become
/// one by `into`.
///
/// ```
/// use weightinit::{DType, Initializer, Layout, cpu};
///
/// let weight = Initializer::he_normal().request("fc.weight", &[64, 48], Layout::Torch, DType::BF16)?.with_seed(7);
/// assert_eq!((weight.byte_count(), weight.buffer_size()), (6144, 6144));
/// let part = weight.range(100..103)?;
/// assert_eq!((part.byte_count(), part.buffer_size()), (6, 8));
/// assert_eq!(cpu::values(&part)?, cpu::values(&weight)?[100..103]);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Request {
    /// Elements that are each a function of their own index.
    Fill(Fill),
    /// Elements that depend on each other.
    Orthogonal(Orthogonal),
    /// A change of elements that the buffer holds already.
    Update(Update),
    /// A slice of one of these.
    Slice(Sliced),
}

impl Request {
    /// The same from another seed.
    pub fn with_seed(self, seed: u64) -> Self {
        match self {
            Self::Fill(fill) => Self::Fill(fill.with_seed(seed)),
            Self::Orthogonal(orthogonal) => Self::Orthogonal(orthogonal.with_seed(seed)),
            Self::Update(update) => Self::Update(update.with_seed(seed)),
            Self::Slice(sliced) => Self::Slice(sliced.with_seed(seed)),
        }
    }

    /// The same for another tensor, by number or by name.
    pub fn with_stream(self, stream: impl Into<Stream>) -> Self {
        match self {
            Self::Fill(fill) => Self::Fill(fill.with_stream(stream)),
            Self::Orthogonal(orthogonal) => Self::Orthogonal(orthogonal.with_stream(stream)),
            Self::Update(update) => Self::Update(update.with_stream(stream)),
            Self::Slice(sliced) => Self::Slice(sliced.with_stream(stream)),
        }
    }

    /// The part of the tensor that holds `elements`, counted in its flat row-major order; of a slice that part of the
    /// slice, counted in its own.
    ///
    /// # Errors
    /// [`Error::InvalidRange`](crate::Error::InvalidRange) if it is empty or not inside the tensor or slice.
    pub fn range(&self, elements: Range<u64>) -> Result<Self> {
        Ok(match self {
            Self::Fill(fill) => Self::Fill(fill.range(elements)?),
            Self::Orthogonal(orthogonal) => Self::Orthogonal(orthogonal.range(elements)?),
            Self::Update(update) => Self::Update(update.range(elements)?),
            Self::Slice(sliced) => Self::Slice(sliced.range(elements)?),
        })
    }

    /// This slice of the tensor, its elements one after the other or where [`Slice::with_destination`] says: whatever
    /// part of the tensor the request was for.
    ///
    /// # Errors
    /// [`SliceError::Mismatch`](crate::error::SliceError::Mismatch) for a slice of a tensor with another number of
    /// elements, [`SliceError::OfView`](crate::error::SliceError::OfView) for an update of a view.
    pub fn slice(&self, slice: &Slice) -> Result<Self> {
        let of = match self {
            Self::Fill(fill) => Whole::Fill(fill.clone()),
            Self::Orthogonal(orthogonal) => Whole::Orthogonal(orthogonal.clone()),
            Self::Update(update) => Whole::Update(update.clone()),
            Self::Slice(sliced) => sliced.of().clone(),
        };
        Ok(Self::Slice(Sliced::new(of, slice)?))
    }

    /// The same without a slice whose elements lie together in the tensor or are all alike.
    pub(crate) fn simplest(self) -> Result<Self> {
        let Self::Slice(sliced) = &self else { return Ok(self) };
        let (slice, Range { start, end }) = (sliced.slice(), sliced.elements());
        let fill = match sliced.of() {
            Whole::Fill(fill) => Some(fill),
            Whole::Update(update) => Some(update.fill()),
            Whole::Orthogonal(_) => None,
        };
        let alike = fill.is_some_and(Fill::is_constant);
        let first = if alike { start } else { slice.source(start) };
        let elements = first..first + (end - start);
        let whole = slice.element_count() == slice.tensor_len();
        match sliced.of() {
            _ if start == end || !(alike || slice.levels().is_empty()) => Ok(self),
            _ if slice.destination().is_some() => Ok(self),
            Whole::Fill(fill) => Ok(Self::Fill(fill.range(elements)?)),
            Whole::Update(update) => Ok(Self::Update(update.range(elements)?)),
            Whole::Orthogonal(orthogonal) if whole => Ok(Self::Orthogonal(orthogonal.range(elements)?)),
            Whole::Orthogonal(_) => Ok(self),
        }
    }

    /// Type of the elements.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Fill(fill) => fill.dtype(),
            Self::Orthogonal(orthogonal) => orthogonal.dtype(),
            Self::Update(update) => update.fill().dtype(),
            Self::Slice(sliced) => sliced.dtype(),
        }
    }

    /// The elements to write, by their indices in the whole tensor, or in the slice that the request is for.
    pub fn elements(&self) -> Range<u64> {
        match self {
            Self::Fill(fill) => fill.elements(),
            Self::Orthogonal(orthogonal) => orthogonal.elements(),
            Self::Update(update) => update.fill().elements(),
            Self::Slice(sliced) => sliced.elements(),
        }
    }

    /// Number of elements to write.
    pub fn element_count(&self) -> u64 {
        self.elements().end - self.elements().start
    }

    /// Number of bytes to write.
    pub fn byte_count(&self) -> u64 {
        self.element_count() * self.dtype().size()
    }

    /// Bytes from the first to the last that it may write: more than [`Request::byte_count`] for a slice whose elements
    /// go into a box of a larger array.
    pub fn span(&self) -> u64 {
        if let Self::Slice(sliced) = self { sliced.span() } else { self.byte_count() }
    }

    /// Bytes of a buffer for it: whole words.
    pub fn buffer_size(&self) -> u64 {
        self.span().next_multiple_of(4)
    }

    /// The box of the destination that its elements go to, if they do not lie one after the other, and the same request
    /// with elements that do.
    pub(crate) fn in_box(&self) -> Option<(&Slice, Self)> {
        let Self::Slice(sliced) = self else { return None };
        sliced.slice().destination().map(|destination| (destination, Self::Slice(sliced.compact())))
    }

    /// Whether all of a matrix is computed for any part of it, so that it is compared by
    /// [`Orthogonal::TOLERANCE`](crate::Orthogonal::TOLERANCE) and not bit for bit: an orthogonal tensor, or a slice of
    /// one.
    ///
    /// ```
    /// use weightinit::{DType, Initializer, Layout};
    ///
    /// let of = |initializer: Initializer| initializer.request("w", &[4, 4], Layout::Torch, DType::F32);
    /// assert!(of(Initializer::orthogonal(1.0))?.is_made_whole() && !of(Initializer::he_normal())?.is_made_whole());
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn is_made_whole(&self) -> bool {
        match self {
            Self::Orthogonal(_) => true,
            Self::Slice(sliced) => sliced.orthogonal().is_some(),
            Self::Fill(_) | Self::Update(_) => false,
        }
    }

    /// The fill, if that is what it is.
    pub fn as_fill(&self) -> Option<&Fill> {
        if let Self::Fill(fill) = self { Some(fill) } else { None }
    }
}

/// What becomes a request, and what is borrowed of it.
macro_rules! requests {
    ($($variant:ident($type:ident)),+) => {
        $(
            impl From<$type> for Request {
                fn from(request: $type) -> Self {
                    Self::$variant(request)
                }
            }

            impl From<&$type> for Request {
                fn from(request: &$type) -> Self {
                    Self::$variant(request.clone())
                }
            }
        )+
    };
}

requests!(Fill(Fill), Orthogonal(Orthogonal), Update(Update), Slice(Sliced));

impl From<&Request> for Request {
    fn from(request: &Request) -> Self {
        request.clone()
    }
}
