//! A fill: which law, as which type, from which seed and stream, over which elements. Everything that decides the bits.

use std::ops::Range;

use crate::dtype::DType;
#[cfg(doc)]
use crate::error::LawError;
use crate::error::{Error, Result};
use crate::law::{Kind, Law, Sampler};
use crate::request::stream::Stream;
use crate::request::structure::Structure;

/// A request to fill elements of one tensor, checked when it is made.
///
/// The value of element i is a pure function of the law, the type, the seed, the stream and i: a [`Fill::range`] of a
/// tensor holds the same bits as that part of the whole.
///
/// ```
/// use weightinit::{DType, Fill, Law, cpu};
///
/// let whole = Fill::new("wte.weight", Law::normal(0.0, 0.02), DType::F32, 1000)?.with_seed(7);
/// let piece = whole.range(123..456)?;
/// assert_eq!(cpu::values(&piece)?, cpu::values(&whole)?[123..456]);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fill {
    law: Law,
    sampler: Sampler,
    structure: Structure,
    dtype: DType,
    seed: u64,
    stream: Stream,
    len: u64,
    elements: Range<u64>,
}

impl Fill {
    /// All `len` elements of the tensor of this name or stream number, from seed 0.
    ///
    /// Tensors of one stream share their words, so that the name comes first: [`Stream`].
    ///
    /// # Errors
    /// [`Error::EmptyShape`] and [`Error::TooManyElements`] for the length; [`LawError::NotFinite`],
    /// [`LawError::InvalidScale`], [`LawError::InvalidBounds`], [`LawError::Overflow`], [`LawError::Subnormal`],
    /// [`LawError::NothingRepresentable`] and [`Error::DTypeMismatch`] for a law that the type cannot hold;
    /// [`LawError::EmptyList`] for a list without values;
    /// [`Error::NotAMatrix`] for a law that is a matrix of another size.
    pub fn new(stream: impl Into<Stream>, law: Law, dtype: DType, len: u64) -> Result<Self> {
        element_count(&[len], dtype)?;
        law.check(len)?;
        let sampler = Sampler::new(&law, dtype)?;
        let stream = stream.into();
        Ok(Self { law, sampler, structure: Structure::Dense, dtype, seed: 0, stream, len, elements: 0..len })
    }

    /// `gain` times components of vectors that the GPU computed before: for the GPU alone, which binds them.
    #[cfg(feature = "gpu")]
    pub(crate) fn gathered(dtype: DType, len: u64, gain: f64, columns: u32, structure: [u32; 4]) -> Self {
        let sampler = Sampler::gathered(gain, columns, structure);
        let law = Law::Constant(gain);
        Self { law, sampler, structure: Structure::Dense, dtype, seed: 0, stream: Stream(0), len, elements: 0..len }
    }

    /// The same fill from another seed: the key of the generator.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same fill of another tensor, by number or by name.
    pub fn with_stream(self, stream: impl Into<Stream>) -> Self {
        Self { stream: stream.into(), ..self }
    }

    /// The same fill as a matrix with this structure.
    ///
    /// # Errors
    /// [`Error::NotAMatrix`], [`Error::StructureMismatch`], [`Error::ZeroDimension`], [`Error::NoSuchRow`] and
    /// [`Error::DimensionTooLarge`] for a structure that the tensor does not have; [`Error::AlreadyAMatrix`] for a law
    /// that is a matrix by itself.
    pub fn with_structure(self, structure: Structure) -> Result<Self> {
        structure.check(self.len)?;
        if structure != Structure::Dense && matches!(self.law, Law::Listed(_) | Law::Waves(_)) {
            return Err(Error::AlreadyAMatrix { law: self.law.name() });
        }
        Ok(Self { structure, ..self })
    }

    /// The part of the tensor that holds `elements`, counted in its flat row-major order.
    ///
    /// # Errors
    /// [`Error::InvalidRange`] if it is empty or not inside the tensor.
    pub fn range(&self, elements: Range<u64>) -> Result<Self> {
        Ok(Self { elements: part(self.len, elements)?, ..self.clone() })
    }

    /// The law in real numbers.
    pub fn law(&self) -> &Law {
        &self.law
    }

    /// The law as the kernels take it.
    pub fn sampler(&self) -> &Sampler {
        &self.sampler
    }

    /// Which elements are samples of the law.
    pub fn structure(&self) -> Structure {
        self.structure
    }

    /// Whether every element is a sample of a random law, and none is 0 or another's copy by structure.
    pub fn is_random(&self) -> bool {
        self.structure == Structure::Dense && self.law.is_random()
    }

    /// Whether all elements are the same.
    pub(crate) fn is_constant(&self) -> bool {
        self.structure == Structure::Dense && self.sampler.kind == Kind::Constant
    }

    /// Type of the elements.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream.
    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// The generator's key: the seed's low and high word.
    pub fn key(&self) -> [u32; 2] {
        [self.seed as u32, (self.seed >> 32) as u32]
    }

    /// The upper half of every counter: the stream's low and high word.
    pub fn stream_words(&self) -> [u32; 2] {
        [self.stream.0 as u32, (self.stream.0 >> 32) as u32]
    }

    /// Its elements go on beyond what 64 bits count.
    pub(crate) fn too_many(&self) -> Error {
        Error::TooManyElements { shape: vec![self.element_count()], dtype: self.dtype }
    }

    /// Elements of the whole tensor.
    pub fn tensor_len(&self) -> u64 {
        self.len
    }

    /// The elements to write.
    pub fn elements(&self) -> Range<u64> {
        self.elements.clone()
    }

    /// Number of elements to write.
    pub fn element_count(&self) -> u64 {
        self.elements.end - self.elements.start
    }

    /// Number of bytes to write.
    pub fn byte_count(&self) -> u64 {
        self.element_count() * self.dtype.size()
    }
}

/// `elements`, if they are a part of 0..`len` and not empty.
pub(crate) fn part(len: u64, elements: Range<u64>) -> Result<Range<u64>> {
    if elements.start < elements.end && elements.end <= len {
        return Ok(elements);
    }
    Err(Error::InvalidRange { start: elements.start, end: elements.end, len })
}

/// The number of elements of `shape` (1 for a scalar), whose bytes, up to a whole word, can be counted in 64 bits.
///
/// # Errors
/// [`Error::EmptyShape`] if a dimension is 0, [`Error::TooManyElements`] if the bytes overflow.
///
/// ```
/// use weightinit::DType;
/// use weightinit::request::element_count;
///
/// assert_eq!(element_count(&[64, 48], DType::F32), Ok(3072));
/// assert_eq!(element_count(&[], DType::F32), Ok(1));
/// assert!(element_count(&[1 << 40, 1 << 40], DType::F32).is_err());
/// ```
pub fn element_count(shape: &[u64], dtype: DType) -> Result<u64> {
    if shape.contains(&0) {
        return Err(Error::EmptyShape { shape: shape.to_vec() });
    }
    let count = shape.iter().try_fold(1u64, |n, &d| n.checked_mul(d));
    count
        .filter(|n| n.checked_mul(dtype.size()).is_some_and(|bytes| bytes.checked_next_multiple_of(4).is_some()))
        .ok_or_else(|| Error::TooManyElements { shape: shape.to_vec(), dtype })
}
