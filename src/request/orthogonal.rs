//! Orthogonal matrices: the one initializer whose elements depend on each other.
//!
//! The Q of a matrix of normal samples G = Q R, with the signs that make R's diagonal positive: Q then follows the Haar
//! measure (Mezzadri, "How to generate random matrices from the classical compact groups", 2007). G has the same bits
//! everywhere; Q is computed in f32 on GPUs and in f64 by `faer` on the CPU, so that its elements agree within
//! [`Orthogonal::TOLERANCE`] and not bit for bit.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::init::fan::Layout;
use crate::law::{Law, Sampler};
use crate::request::fill::{Fill, element_count};
use crate::request::stream::Stream;

/// A request for an orthogonal matrix, a semi-orthogonal one, or a stack of them, checked when it is made.
///
/// ```
/// use weightinit::{DType, Layout, Orthogonal};
///
/// let conv = Orthogonal::new(1.0, &[64, 16, 3, 3], Layout::Torch, DType::F32)?.seed(7).stream("conv.weight");
/// assert_eq!((conv.rows(), conv.columns()), (64, 144));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Orthogonal {
    gain: f64,
    dtype: DType,
    seed: u64,
    stream: Stream,
    matrices: u64,
    rows: u64,
    columns: u64,
    /// Every `taps`-th column of the tensor is one of the matrix, and its own place among them.
    taps: u64,
    tap: u64,
    /// Elements of the tensor, and the first that is one of the matrix.
    elements: u64,
    first: u64,
}

/// Largest m · n of a matrix: what 32-bit indices hold with room for padding.
const MOST_ELEMENTS: u64 = 1 << 31;

impl Orthogonal {
    /// How far the tensors of two devices may be apart: the norm of their difference over the norm of either. Rounding to
    /// the element type comes on top.
    pub const TOLERANCE: f64 = 1e-3;

    /// The tensor of `shape` flattened to a matrix whose rows, or columns if there are fewer of them, are orthogonal to each
    /// other and of length `gain`.
    ///
    /// PyTorch's layouts flatten to (first axis) × (all others) (`torch/nn/init.py`, `orthogonal_`), Keras' to (all others) ×
    /// (last axis) (`keras/src/initializers/random_initializers.py`, `Orthogonal`; `jax.nn.initializers.orthogonal`); axes by
    /// number as Keras', with leading batch axes as a stack of matrices.
    ///
    /// # Errors
    /// [`Error::WrongShape`], [`Error::InvalidScale`], [`Error::MatrixTooLarge`] and those of [`element_count`].
    pub fn new(gain: f64, shape: &[u64], layout: Layout, dtype: DType) -> Result<Self> {
        let elements = element_count(shape, dtype)?;
        let wrong = |expected| Error::WrongShape { initializer: "orthogonal", expected, shape: shape.to_vec() };
        let stacked = match layout {
            Layout::Axes(axes) => {
                axes.batch.leading(shape.len()).ok_or_else(|| wrong("batch axes that come first, as in batch=0"))?
            }
            _ => 0,
        };
        let (stack, matrix) = shape.split_at(stacked);
        let [first, .., last] = *matrix else { return Err(wrong("two or more dimensions")) };
        let matrices = stack.iter().product();
        let size = elements / matrices;
        let (rows, columns) = match layout {
            Layout::Torch | Layout::TorchTransposed => (first, size / first),
            _ => (size / last, last),
        };
        Self { matrices, rows, columns, elements, ..Self::square(gain, dtype) }.checked()
    }

    /// A convolution that is an orthogonal matrix in the centre of its kernel and 0 elsewhere (Xiao et al., "Dynamical
    /// isometry and a mean field theory of CNNs", 2018; `jax.nn.initializers.delta_orthogonal`).
    ///
    /// # Errors
    /// Those of [`Orthogonal::new`], and [`Error::WrongShape`] for more inputs than outputs.
    pub fn delta(gain: f64, shape: &[u64], layout: Layout, dtype: DType) -> Result<Self> {
        let elements = element_count(shape, dtype)?;
        let wrong = |expected| Error::WrongShape { initializer: "delta_orthogonal", expected, shape: shape.to_vec() };
        if !(3..=5).contains(&shape.len()) {
            return Err(wrong("three to five dimensions"));
        }
        let (receptive, inputs, outputs) = match layout {
            Layout::Torch => (&shape[2..], shape[1], shape[0]),
            Layout::Keras => (&shape[..shape.len() - 2], shape[shape.len() - 2], shape[shape.len() - 1]),
            _ => {
                let expected = "layout keras (..., in, out) or torch (out, in, ...)";
                return Err(Error::WrongLayout {
                    initializer: "delta_orthogonal",
                    expected,
                    layout: layout.to_string(),
                });
            }
        };
        if inputs > outputs {
            return Err(wrong("at most as many inputs as outputs"));
        }
        let centre = receptive.iter().fold(0, |centre, size| centre * size + (size - 1) / 2);
        let place = match layout {
            Layout::Torch => Self {
                rows: outputs,
                columns: inputs,
                taps: receptive.iter().product(),
                tap: centre,
                ..Self::square(gain, dtype)
            },
            _ => Self { rows: inputs, columns: outputs, first: centre * inputs * outputs, ..Self::square(gain, dtype) },
        };
        Self { elements, ..place }.checked()
    }

    /// A matrix of one element, which everything else is still to be said of.
    fn square(gain: f64, dtype: DType) -> Self {
        let (seed, stream) = (0, Stream(0));
        Self { gain, dtype, seed, stream, matrices: 1, rows: 1, columns: 1, taps: 1, tap: 0, elements: 1, first: 0 }
    }

    fn checked(self) -> Result<Self> {
        // What the type holds is that of a constant of this size.
        Sampler::new(&Law::Constant(self.gain), self.dtype)?;
        if self.gain < 0.0 {
            return Err(Error::InvalidScale { name: "gain", value: self.gain });
        }
        let most = self.rows.max(self.columns);
        if most > MOST_ELEMENTS
            || self.padded_vectors() * self.stride() > MOST_ELEMENTS
            || self.columns * self.taps > u64::from(u32::MAX)
        {
            return Err(Error::MatrixTooLarge { rows: self.rows, columns: self.columns, most: MOST_ELEMENTS });
        }
        Ok(self)
    }

    /// The same from another seed.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same for another tensor, by number or by name.
    pub fn stream(self, stream: impl Into<Stream>) -> Self {
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

    /// Components of each vector: the larger of rows and columns.
    pub fn length(&self) -> u64 {
        self.rows.max(self.columns)
    }

    /// Elements of the tensor.
    pub fn element_count(&self) -> u64 {
        self.elements
    }

    /// Bytes of the tensor.
    pub fn byte_count(&self) -> u64 {
        self.elements * self.dtype.size()
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
    /// [`Error::TooManyElements`].
    pub fn normals(&self, matrix: u64) -> Result<Fill> {
        let samples = self.vectors() * self.stride();
        let whole = self.matrices.saturating_mul(samples);
        let fill = Fill::new(Law::normal(0.0, 1.0), DType::F32, whole)?.seed(self.seed).stream(self.stream);
        fill.range(matrix * samples..(matrix + 1) * samples)
    }
}

/// What those need who compute it.
#[cfg(any(feature = "gpu", feature = "faer"))]
impl Orthogonal {
    /// Whether the tensor has elements outside of its matrices, which are 0.
    pub(crate) fn has_zeros(&self) -> bool {
        self.elements != self.matrices * self.rows * self.columns
    }

    /// Elements of the tensor that matrix number `matrix` is written to, others between them included.
    pub(crate) fn place(&self, matrix: u64) -> std::ops::Range<u64> {
        let size = self.rows * self.columns * self.taps;
        let start = self.first + matrix * size;
        start..start + size
    }

    /// Where the element (row, column) of a matrix stands among the vectors' components, padding included: factors of row
    /// and column.
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
