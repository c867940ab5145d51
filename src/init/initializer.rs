//! The algebra: initializers as data, and what they make of a shape.

use crate::dtype::DType;
#[cfg(doc)]
use crate::error::LawError;
use crate::error::{Error, RecipeError, Result};
use crate::init::fan::{Fans, Layout};
use crate::init::matrix::{
    RotaryOrder, RotaryPart, Scaling, Side, SinusoidalOrder, StateSpace, Window, arange, block_diagonal, dirac,
    identity, orthogonal, padded, rotary, sinusoidal, sparse, state_space, stft, toeplitz, triangle,
};
use crate::init::scaling::{Distribution, Mode, by_gain, by_variance};
use crate::law::Law;
use crate::request::fill::{Fill, element_count};
use crate::request::request::Request;
use crate::request::stream::Stream;
use crate::request::structure::Structure;

/// How to initialize a tensor of any shape.
///
/// ```
/// use weightinit::{DType, Initializer, Layout};
///
/// let request = Initializer::he_normal().request("fc.weight", &[64, 48], Layout::Torch, DType::F32)?.with_seed(7);
/// assert_eq!(request.byte_count(), 64 * 48 * 4);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Initializer {
    /// The same law for every shape.
    Law(Law),
    /// Keras' and JAX' algebra: variance `scale / fan`.
    VarianceScaling {
        /// Numerator of the variance, positive.
        scale: f64,
        /// Which fan divides it.
        mode: Mode,
        /// Shape of the distribution.
        distribution: Distribution,
        /// Groups of a grouped convolution, 1 otherwise: see [`Layout::fans`].
        groups: u64,
    },
    /// PyTorch's: standard deviation `gain / √fan`.
    GainScaling {
        /// Numerator of the standard deviation, not negative.
        gain: f64,
        /// Which fan divides it.
        mode: Mode,
        /// Shape of the distribution.
        distribution: Distribution,
        /// Groups of a grouped convolution, 1 otherwise: see [`Layout::fans`].
        groups: u64,
    },
    /// A matrix with a structure.
    Matrix(Matrix),
    /// An orthogonal matrix: see [`Initializer::orthogonal`].
    Orthogonal {
        /// Length of its vectors.
        gain: f64,
        /// Whether it stands in the centre of a convolution's kernel.
        delta: bool,
    },
    /// The norms of the tensor of this name, over the dimensions that are 1 here: see [`crate::init::Norms`], which
    /// makes a list of that tensor's elements.
    NormsOf(String),
}

/// A matrix, or a stack of them, with a structure.
///
/// ```
/// use weightinit::init::Matrix;
/// use weightinit::{DType, Initializer, Layout, cpu};
///
/// let eye = Initializer::from(Matrix::Identity { gain: 2.0 });
/// let eye = eye.request("eye", &[2, 3], Layout::Torch, DType::F32)?;
/// assert_eq!(cpu::values(&eye)?, [2.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Matrix {
    /// `gain` on the diagonal of a matrix, 0 elsewhere (`torch.nn.init.eye_`, Keras' `Identity`).
    Identity {
        /// Value on the diagonal.
        gain: f64,
    },
    /// The identity of a convolution's channels, in the centre of its kernel (`torch.nn.init.dirac_`).
    Dirac {
        /// Groups, each of which gets an identity of its own.
        groups: u64,
    },
    /// Blocks along the diagonal of a matrix, initialized as matrices of the blocks' shape; 0 elsewhere.
    BlockDiagonal {
        /// How many.
        blocks: u64,
        /// What is in them.
        of: Box<Initializer>,
    },
    /// The same sample all along each diagonal of a matrix.
    Toeplitz {
        /// Where the samples come from.
        of: Box<Initializer>,
    },
    /// Normal, with the stated share of zeros in each column of a matrix, chosen at random (`torch.nn.init.sparse_`;
    /// Martens, "Deep learning via Hessian-free optimization", 2010).
    Sparse {
        /// Share of zeros, rounded up to a whole number of rows.
        sparsity: f64,
        /// Standard deviation of the others.
        std: f64,
    },
    /// Zeros in one row (`padding_idx` of `torch.nn.Embedding`).
    Padded {
        /// The row, from the end where negative.
        row: i64,
        /// What is in the other rows.
        of: Box<Initializer>,
    },
    /// Positional encodings (Vaswani et al., "Attention is all you need", 2017, section 3.5): a row for each position.
    Sinusoidal {
        /// The longest wavelength is 2π times this.
        base: f64,
        /// Where sines and cosines stand.
        order: SinusoidalOrder,
    },
    /// Cosines or sines of rotary embeddings (Su et al., "RoFormer", 2021): a row for each position.
    Rotary {
        /// Which of the two tables.
        part: RotaryPart,
        /// The longest wavelength is 2π times this.
        base: f64,
        /// Where the frequencies stand.
        order: RotaryOrder,
    },
    /// Frequencies of rotary embeddings, `base^(-2i/d)`, in a vector of d/2 (`inv_freq` of transformers' models).
    RotaryFrequencies {
        /// The longest wavelength is 2π times this.
        base: f64,
    },
    /// Numbers in equal steps along the last dimension (`torch.arange`).
    Arange {
        /// The first.
        start: f64,
        /// What each is more than the one before.
        step: f64,
    },
    /// Ones on and below a diagonal of each matrix, 0 above it: causal masks (`torch.tril` of ones).
    LowerTriangle {
        /// The highest diagonal of ones, above the main one where positive.
        diagonal: i64,
        /// On how many diagonals ones stand, from that one down; none for all.
        width: Option<u64>,
    },
    /// A matrix of a state space model.
    StateSpace(StateSpace),
    /// The basis of a short-time Fourier transform as the kernel of a convolution (Keras' `STFT`).
    Stft {
        /// Real or imaginary part.
        side: Side,
        /// Window over the frame.
        window: Window,
        /// By what the window is divided.
        scaling: Scaling,
        /// Whether the window is one period of a periodic one, and not symmetric.
        periodic: bool,
    },
}

impl Initializer {
    /// The same initializer for a convolution with `groups` groups. Laws without fans do not change.
    pub fn with_groups(self, groups: u64) -> Self {
        match self {
            Self::Law(_) | Self::Orthogonal { .. } | Self::NormsOf(_) => self,
            Self::Matrix(matrix) => Self::Matrix(matrix.with_groups(groups)),
            Self::VarianceScaling { scale, mode, distribution, .. } => {
                Self::VarianceScaling { scale, mode, distribution, groups }
            }
            Self::GainScaling { gain, mode, distribution, .. } => {
                Self::GainScaling { gain, mode, distribution, groups }
            }
        }
    }

    /// The fans that decide the scale for `shape`, if the initializer looks at fans at all.
    ///
    /// # Errors
    /// Those of [`Layout::fans`].
    pub fn fans(&self, shape: &[u64], layout: Layout) -> Result<Option<Fans>> {
        match *self {
            Self::Law(_) | Self::Orthogonal { .. } | Self::NormsOf(_) => Ok(None),
            Self::Matrix(ref matrix) => matrix.fans(shape, layout),
            Self::VarianceScaling { groups, .. } | Self::GainScaling { groups, .. } => {
                layout.fans(shape, groups).map(Some)
            }
        }
    }

    /// The law for a tensor of `shape`, all of whose elements follow it.
    ///
    /// # Errors
    /// [`Error::NotDense`] where some elements are 0 or others' copies, which [`Initializer::parts`] tells; and those
    /// of that.
    pub fn law(&self, shape: &[u64], layout: Layout) -> Result<Law> {
        match self.parts(shape, layout)? {
            (law, Structure::Dense) => Ok(law),
            (_, structure) => Err(Error::NotDense { structure: structure.kind().name() }),
        }
    }

    /// The law for a tensor of `shape`, and which elements follow it.
    ///
    /// # Errors
    /// Those of [`Layout::fans`] and [`element_count`], and [`LawError::InvalidScale`] for a negative or
    /// infinite scale or gain; [`Error::WrongShape`], [`Error::WrongLayout`], [`Error::NotDivisible`],
    /// [`LawError::NotAShare`] and [`Error::NoSuchRow`] of matrices; [`Error::NotElementwise`] for orthogonal ones;
    /// [`RecipeError::NormsOfOther`] for norms, which need the other tensor's elements.
    pub fn parts(&self, shape: &[u64], layout: Layout) -> Result<(Law, Structure)> {
        // In the narrowest type: what follows multiplies dimensions.
        element_count(shape, DType::NARROWEST)?;
        let law = match self {
            Self::Matrix(matrix) => return matrix.parts(shape, layout),
            Self::Orthogonal { .. } => return Err(Error::NotElementwise),
            Self::NormsOf(name) => return Err(RecipeError::NormsOfOther { name: name.clone() }.into()),
            Self::Law(law) => law.clone(),
            &Self::VarianceScaling { scale, mode, distribution, groups } => {
                by_variance(scale, mode, distribution, layout.fans(shape, groups)?)?
            }
            &Self::GainScaling { gain, mode, distribution, groups } => {
                by_gain(gain, mode, distribution, layout.fans(shape, groups)?)?
            }
        };
        Ok((law, Structure::Dense))
    }

    /// The request for the whole tensor `name` of `shape` and `dtype`, from seed 0.
    ///
    /// The name, or a number in its place, is the tensor's [`Stream`]: tensors of the same stream and seed have the
    /// same samples under their scales, so that there is no request without one.
    ///
    /// # Errors
    /// Those of [`Initializer::parts`] and of [`Fill::new`]; [`Error::WrongShape`], [`Error::WrongLayout`],
    /// [`LawError::InvalidScale`] and [`Error::MatrixTooLarge`] of orthogonal matrices.
    pub fn request(&self, name: impl Into<Stream>, shape: &[u64], layout: Layout, dtype: DType) -> Result<Request> {
        let orthogonal = match *self {
            Self::Orthogonal { gain, delta: false } => orthogonal::flattened(gain, shape, layout, dtype)?,
            Self::Orthogonal { gain, delta: true } => orthogonal::delta(gain, shape, layout, dtype)?,
            _ => {
                let elements = element_count(shape, dtype)?;
                let (law, structure) = self.parts(shape, layout)?;
                return Ok(Fill::new(name, law, dtype, elements)?.with_structure(structure)?.into());
            }
        };
        Ok(orthogonal.with_stream(name).into())
    }

    /// The law of what fills all of a matrix of `outer`.
    fn dense(&self, outer: &'static str, shape: &[u64], layout: Layout) -> Result<Law> {
        match self.parts(shape, layout)? {
            (law, Structure::Dense) if !matches!(law, Law::Listed(_) | Law::Waves(_)) => Ok(law),
            _ => Err(Error::NestedMatrix { outer }),
        }
    }
}

impl From<Law> for Initializer {
    fn from(law: Law) -> Self {
        Self::Law(law)
    }
}

impl From<Matrix> for Initializer {
    fn from(matrix: Matrix) -> Self {
        Self::Matrix(matrix)
    }
}

impl Matrix {
    /// The law of its samples and where they are, for a tensor of `shape`.
    fn parts(&self, shape: &[u64], layout: Layout) -> Result<(Law, Structure)> {
        match self {
            &Self::Identity { gain } => identity::parts(gain, shape),
            &Self::Dirac { groups } => dirac::parts(groups, shape, layout),
            Self::BlockDiagonal { blocks, of } => {
                block_diagonal::parts(*blocks, shape, |block| of.dense("block_diagonal", block, layout))
            }
            Self::Toeplitz { of } => {
                let structure = toeplitz::structure(shape)?;
                Ok((of.dense("toeplitz", shape, layout)?, structure))
            }
            &Self::Sparse { sparsity, std } => sparse::parts(sparsity, std, shape),
            Self::Padded { row, of } => {
                let structure = padded::structure(*row, shape)?;
                Ok((of.dense("padded", shape, layout)?, structure))
            }
            &Self::Sinusoidal { base, order } => sinusoidal::parts(base, order, shape),
            &Self::Rotary { part, base, order } => rotary::parts(part, base, order, shape),
            &Self::RotaryFrequencies { base } => rotary::frequencies(base, shape),
            &Self::Arange { start, step } => arange::parts(start, step, shape),
            &Self::LowerTriangle { diagonal, width } => triangle::parts(diagonal, width, shape),
            &Self::StateSpace(kind) => state_space::parts(kind, shape),
            &Self::Stft { side, window, scaling, periodic } => {
                stft::parts(side, window, scaling, periodic, shape, layout)
            }
        }
    }

    /// The fans that the samples' scale depends on, if it does.
    fn fans(&self, shape: &[u64], layout: Layout) -> Result<Option<Fans>> {
        match self {
            Self::BlockDiagonal { blocks, of } => of.fans(&block_diagonal::block(*blocks, shape)?, layout),
            Self::Toeplitz { of } | Self::Padded { of, .. } => of.fans(shape, layout),
            _ => Ok(None),
        }
    }

    /// The same with `groups` for the initializer inside.
    fn with_groups(self, groups: u64) -> Self {
        let with = |of: Box<Initializer>| Box::new(of.with_groups(groups));
        match self {
            Self::BlockDiagonal { blocks, of } => Self::BlockDiagonal { blocks, of: with(of) },
            Self::Toeplitz { of } => Self::Toeplitz { of: with(of) },
            Self::Padded { row, of } => Self::Padded { row, of: with(of) },
            Self::Dirac { groups: own } => Self::Dirac { groups: own.max(groups) },
            other => other,
        }
    }
}
