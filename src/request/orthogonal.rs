//! Orthogonal matrices: the one initializer whose elements depend on each other.
//!
//! The Q of a matrix of normal samples G = Q R, with the signs that make R's diagonal positive: Q then follows the Haar
//! measure (Mezzadri, "How to generate random matrices from the classical compact groups", 2007). G has the same bits
//! everywhere; Q is computed in f32 on GPUs and in f64 by `faer` on the CPU, so that its elements agree within
//! [`Orthogonal::TOLERANCE`] and not bit for bit.

use std::ops::Range;

use crate::dtype::DType;
use crate::error::{Error, LawError, Result};
use crate::law::{Law, Sampler};
use crate::request::fill::{Fill, part};
use crate::request::stream::Stream;

/// A request for an orthogonal matrix, a semi-orthogonal one, or a stack of them:
/// [`Initializer::orthogonal`](crate::Initializer::orthogonal) makes it.
///
/// ```
/// use weightinit::{DType, Initializer, Layout, Request};
///
/// let conv = Initializer::orthogonal(1.0).request("conv.weight", &[64, 16, 3, 3], Layout::Torch, DType::F32)?;
/// let Request::Orthogonal(conv) = conv else { panic!("not elementwise") };
/// assert_eq!((conv.rows(), conv.columns()), (64, 144));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Orthogonal {
    pub(crate) gain: f64,
    pub(crate) dtype: DType,
    pub(crate) seed: u64,
    pub(crate) stream: Stream,
    pub(crate) matrices: u64,
    pub(crate) rows: u64,
    pub(crate) columns: u64,
    /// Every `taps`-th column of the tensor is one of the matrix, and its own place among them.
    pub(crate) taps: u64,
    pub(crate) tap: u64,
    /// Elements of the tensor, and the first that is one of the matrix.
    pub(crate) len: u64,
    pub(crate) first: u64,
    /// Those that are asked for.
    pub(crate) elements: Range<u64>,
}

/// Largest m · n of a matrix: what 32-bit indices hold with room for padding.
const MOST_ELEMENTS: u64 = 1 << 31;

/// Elements below 2^-24 of the gain are nothing within the tolerance; those above are normal f32 numbers.
const LEAST_GAIN: f64 = f32::MIN_POSITIVE as f64 * (1 << 24) as f64;

impl Orthogonal {
    /// How far the tensors of two devices may be apart: the norm of their difference over the norm of either. Rounding
    /// to the element type comes on top.
    pub const TOLERANCE: f64 = 1e-3;

    /// A matrix of one element, which everything else is still to be said of.
    pub(crate) fn square(gain: f64, dtype: DType) -> Self {
        Self {
            gain,
            dtype,
            seed: 0,
            stream: Stream(0),
            matrices: 1,
            rows: 1,
            columns: 1,
            taps: 1,
            tap: 0,
            len: 1,
            first: 0,
            elements: 0..1,
        }
    }

    /// The same in a tensor of `len` elements, all of which are asked for.
    pub(crate) fn of_elements(self, len: u64) -> Result<Self> {
        // What the type holds is that of a constant of this size, which goes through f32 on its way.
        Sampler::new(&Law::Constant(self.gain), self.dtype.sampled())?;
        if self.gain < 0.0 {
            return Err(LawError::InvalidScale { name: "gain", value: self.gain }.into());
        }
        if self.gain > 0.0 && self.gain < LEAST_GAIN {
            return Err(LawError::Subnormal { name: "gain", value: self.gain, least: LEAST_GAIN }.into());
        }
        let most = self.rows.max(self.columns);
        if most > MOST_ELEMENTS
            || self.padded_vectors() * self.stride() > MOST_ELEMENTS
            || self.columns * self.taps > u64::from(u32::MAX)
        {
            return Err(Error::MatrixTooLarge { rows: self.rows, columns: self.columns, most: MOST_ELEMENTS });
        }
        Ok(Self { len, elements: 0..len, ..self })
    }

    /// The same from another seed.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same for another tensor, by number or by name.
    pub fn with_stream(self, stream: impl Into<Stream>) -> Self {
        Self { stream: stream.into(), ..self }
    }

    /// Length of the vectors.
    pub fn gain(&self) -> f64 {
        self.gain
    }

    /// Type of the elements.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Rows of each matrix.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Columns of each matrix.
    pub fn columns(&self) -> u64 {
        self.columns
    }

    /// How many matrices the tensor holds.
    pub fn matrices(&self) -> u64 {
        self.matrices
    }

    /// How many vectors are orthogonal to each other: the smaller of rows and columns.
    pub fn vectors(&self) -> u64 {
        self.rows.min(self.columns)
    }

    /// The mean of the squares of the tensor's elements, whose mean is 0 over all seeds: each vector has the length of
    /// the gain.
    ///
    /// ```
    /// use weightinit::{DType, Initializer, Layout, Request};
    ///
    /// let request = Initializer::orthogonal(2.0).request("w", &[4, 16], Layout::Torch, DType::F32)?;
    /// let Request::Orthogonal(matrix) = request else { panic!("not elementwise") };
    /// assert_eq!(matrix.variance(), 0.25);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn variance(&self) -> f64 {
        self.gain * self.gain * (self.vectors() * self.matrices) as f64 / self.len as f64
    }

    /// Components of each vector: the larger of rows and columns.
    pub fn length(&self) -> u64 {
        self.rows.max(self.columns)
    }

    /// The part of the tensor that holds `elements`, counted in its flat row-major order. Whoever computes it computes
    /// the whole.
    ///
    /// # Errors
    /// [`Error::InvalidRange`] if it is empty or not inside the tensor.
    pub fn range(&self, elements: Range<u64>) -> Result<Self> {
        Ok(Self { elements: part(self.len, elements)?, ..self.clone() })
    }

    /// The elements that are asked for.
    pub fn elements(&self) -> Range<u64> {
        self.elements.clone()
    }

    /// Number of elements that are asked for.
    pub fn element_count(&self) -> u64 {
        self.elements.end - self.elements.start
    }

    /// Number of their bytes.
    pub fn byte_count(&self) -> u64 {
        self.element_count() * self.dtype.size()
    }

    /// Elements of the whole tensor.
    pub fn tensor_len(&self) -> u64 {
        self.len
    }

    /// Samples from one vector to the next: the length rounded up to a multiple of 4.
    pub fn stride(&self) -> u64 {
        self.length().next_multiple_of(4)
    }

    /// Vectors rounded up to whole panels of those that the GPU takes at once.
    pub(crate) fn padded_vectors(&self) -> u64 {
        self.vectors().next_multiple_of(PANEL)
    }

    /// The standard normal samples that become matrix number `matrix`: component i of vector j is sample
    /// j · [`Orthogonal::stride`] + i of the matrix.
    ///
    /// # Errors
    /// [`Error::InvalidRange`] for a matrix that the tensor does not have; [`Error::TooManyElements`].
    pub fn normals(&self, matrix: u64) -> Result<Fill> {
        part(self.matrices, matrix..matrix.saturating_add(1))?;
        let samples = self.vectors() * self.stride();
        let whole = self.matrices.saturating_mul(samples);
        let fill = Fill::new(self.stream, Law::normal(0.0, 1.0), DType::F32, whole)?.with_seed(self.seed);
        fill.range(matrix * samples..(matrix + 1) * samples)
    }
}

/// What those need who compute it.
#[cfg(any(feature = "gpu", feature = "faer"))]
impl Orthogonal {
    /// Whether the tensor has elements outside of its matrices, which are 0.
    pub(crate) fn has_zeros(&self) -> bool {
        self.len != self.matrices * self.rows * self.columns
    }

    /// Elements of the tensor that matrix number `matrix` is written to, others between them included.
    pub(crate) fn elements_of(&self, matrix: u64) -> std::ops::Range<u64> {
        let size = self.rows * self.columns * self.taps;
        let start = self.first + matrix * size;
        start..start + size
    }

    /// Where the element (row, column) of a matrix stands among the vectors' components, padding included: factors of
    /// row and column.
    #[cfg(feature = "gpu")]
    pub(crate) fn steps(&self) -> [u64; 2] {
        if self.rows >= self.columns { [1, self.stride()] } else { [self.stride(), 1] }
    }

    /// The taps of a row's elements, and which of them is the matrix's.
    pub(crate) fn taps(&self) -> [u64; 2] {
        [self.taps, self.tap]
    }
}

/// Vectors that the GPU takes at once.
pub(crate) const PANEL: u64 = 64;
