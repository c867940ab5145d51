//! Matrices with a structure: initializers whose elements are not all samples of one law.
//!
//! Each takes a shape apart into a law and a [`Structure`], so that its elements, as all others, are functions of seed, stream
//! and index, with the same bits on every device.

mod block_diagonal;
mod dirac;
mod identity;
mod padded;
mod rotary;
mod sinusoidal;
mod sparse;
mod state_space;
mod stft;
mod toeplitz;
mod window;

pub use rotary::{RotaryOrder, RotaryPart};
pub use sinusoidal::SinusoidalOrder;
pub use state_space::StateSpace;
pub use stft::{Scaling, Side};
pub use window::Window;

use crate::error::{Error, Result};
use crate::init::Initializer;
use crate::init::fan::{Fans, Layout};
use crate::law::Law;
use crate::request::structure::Structure;

/// A matrix, or a stack of them, with a structure.
///
/// ```
/// use weightinit::{DType, Initializer, Layout, Matrix, cpu};
///
/// let eye = Initializer::from(Matrix::Identity { gain: 2.0 }).fill(&[2, 3], Layout::Torch, DType::F32)?;
/// assert_eq!(cpu::values(&eye), [2.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
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
    /// Normal, with the stated share of zeros in each column of a matrix, chosen at random (`torch.nn.init.sparse_`; Martens,
    /// "Deep learning via Hessian-free optimization", 2010).
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

impl Matrix {
    /// The law of its samples and where they are, for a tensor of `shape`.
    ///
    /// # Errors
    /// [`Error::WrongShape`], [`Error::WrongLayout`], [`Error::NotDivisible`], [`Error::NotAShare`] and
    /// [`Error::NoSuchRow`], and those of the initializers and laws inside.
    pub fn parts(&self, shape: &[u64], layout: Layout) -> Result<(Law, Structure)> {
        match self {
            &Self::Identity { gain } => identity::parts(gain, shape),
            &Self::Dirac { groups } => dirac::parts(groups, shape, layout),
            Self::BlockDiagonal { blocks, of } => block_diagonal::parts(*blocks, of, shape, layout),
            Self::Toeplitz { of } => toeplitz::parts(of, shape, layout),
            &Self::Sparse { sparsity, std } => sparse::parts(sparsity, std, shape),
            Self::Padded { row, of } => padded::parts(*row, of, shape, layout),
            &Self::Sinusoidal { base, order } => sinusoidal::parts(base, order, shape),
            &Self::Rotary { part, base, order } => rotary::parts(part, base, order, shape),
            &Self::RotaryFrequencies { base } => rotary::frequencies(base, shape),
            &Self::StateSpace(kind) => state_space::parts(kind, shape),
            &Self::Stft { side, window, scaling, periodic } => {
                stft::parts(side, window, scaling, periodic, shape, layout)
            }
        }
    }

    /// The fans that the samples' scale depends on, if it does.
    pub(crate) fn fans(&self, shape: &[u64], layout: Layout) -> Result<Option<Fans>> {
        match self {
            Self::BlockDiagonal { blocks, of } => of.fans(&block_diagonal::block(*blocks, shape)?, layout),
            Self::Toeplitz { of } | Self::Padded { of, .. } => of.fans(shape, layout),
            _ => Ok(None),
        }
    }

    /// The same with `groups` for the initializer inside.
    pub(crate) fn with_groups(self, groups: u64) -> Self {
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

impl From<Matrix> for Initializer {
    fn from(matrix: Matrix) -> Self {
        Self::Matrix(matrix)
    }
}

/// Rows and columns of a shape that has just these.
fn rows_and_columns(initializer: &'static str, shape: &[u64]) -> Result<(u64, u64)> {
    match *shape {
        [rows, columns] => Ok((rows, columns)),
        _ => Err(Error::WrongShape { initializer, expected: "two dimensions", shape: shape.to_vec() }),
    }
}

/// Most entries of a table that an initializer makes: a shape alone must not fill the memory.
const MOST_ENTRIES: u64 = 1 << 24;

/// `entries`, if a table can have so many.
fn table(initializer: &'static str, entries: u64) -> Result<u64> {
    if entries <= MOST_ENTRIES {
        return Ok(entries);
    }
    Err(Error::TableTooLarge { initializer, entries, most: MOST_ENTRIES })
}

/// The law of an initializer that fills all of a matrix.
fn dense(of: &Initializer, outer: &'static str, shape: &[u64], layout: Layout) -> Result<Law> {
    match of.parts(shape, layout)? {
        (law, Structure::Dense) if !matches!(law, Law::Listed(_) | Law::Waves(_)) => Ok(law),
        _ => Err(Error::NestedMatrix { outer }),
    }
}
