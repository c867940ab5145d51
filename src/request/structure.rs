//! Structures: which elements of a matrix are samples of its law, and which sample each is. All others are 0.

use crate::error::{Error, Result};
use crate::name::names;
use crate::real;

/// The structure of a matrix of `columns` columns, whose element (r, c) has the flat index r · columns + c.
///
/// ```
/// use weightinit::{DType, Fill, Law, Structure, cpu};
///
/// let two_blocks = Structure::Blocks { columns: 4, block_rows: 1, block_columns: 2 };
/// let fill = Fill::new("w", Law::Constant(1.0), DType::F32, 8)?.with_structure(two_blocks)?;
/// assert_eq!(cpu::values(&fill)?, [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Structure {
    /// Every element is its own sample.
    #[default]
    Dense,
    /// Samples where c = (r mod `period`) · `step` + `offset`: the identity has period 2^32 − 1, step 1 and offset 0.
    Diagonal {
        /// Columns of the matrix.
        columns: u64,
        /// Rows after which the diagonal begins anew.
        period: u64,
        /// Columns from one row to the next.
        step: u64,
        /// Column in the first row.
        offset: u64,
    },
    /// Samples in the blocks along the diagonal.
    Blocks {
        /// Columns of the matrix.
        columns: u64,
        /// Rows of a block.
        block_rows: u64,
        /// Columns of a block.
        block_columns: u64,
    },
    /// Samples in every row but one.
    OtherRows {
        /// Columns of the matrix.
        columns: u64,
        /// The row of zeros.
        row: u64,
    },
    /// Samples in all but `zeros` elements of each column, which elements is random: a permutation of the rows for each
    /// column (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002), a function of seed and stream.
    Sparse {
        /// Columns of the matrix.
        columns: u64,
        /// Rows of the matrix.
        rows: u64,
        /// Zeros in each column.
        zeros: u64,
    },
    /// The element at (r, c) is sample c − r + `rows` − 1: the same all along each diagonal.
    Toeplitz {
        /// Columns of the matrix.
        columns: u64,
        /// Rows of the matrix.
        rows: u64,
    },
}

/// Which shader a structure takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum StructureKind {
    /// [`Structure::Dense`].
    #[default]
    Dense,
    /// [`Structure::Diagonal`].
    Diagonal,
    /// [`Structure::Blocks`].
    Blocks,
    /// [`Structure::OtherRows`].
    OtherRows,
    /// [`Structure::Sparse`].
    Sparse,
    /// [`Structure::Toeplitz`].
    Toeplitz,
}

names!(StructureKind, "structure", {
    Dense => "dense",
    Diagonal => "diagonal",
    Blocks => "blocks",
    OtherRows => "other_rows",
    Sparse => "sparse",
    Toeplitz => "toeplitz",
});

impl StructureKind {
    /// Its own shader.
    pub(crate) const fn shader(self) -> &'static str {
        match self {
            Self::Dense => shader!("matrix/dense"),
            Self::Diagonal => shader!("matrix/diagonal"),
            Self::Blocks => shader!("matrix/blocks"),
            Self::OtherRows => shader!("matrix/other_rows"),
            Self::Sparse => shader!("matrix/sparse"),
            Self::Toeplitz => shader!("matrix/toeplitz"),
        }
    }

    /// Whether elements are samples or 0.
    pub(crate) const fn masks(self) -> bool {
        !matches!(self, Self::Dense | Self::Toeplitz)
    }
}

/// Bias of the sparse structure's permutations, at most: 2^-32.
const BIAS_BITS: f64 = 32.0;

impl Structure {
    /// Which shader it takes.
    pub const fn kind(&self) -> StructureKind {
        match self {
            Self::Dense => StructureKind::Dense,
            Self::Diagonal { .. } => StructureKind::Diagonal,
            Self::Blocks { .. } => StructureKind::Blocks,
            Self::OtherRows { .. } => StructureKind::OtherRows,
            Self::Sparse { .. } => StructureKind::Sparse,
            Self::Toeplitz { .. } => StructureKind::Toeplitz,
        }
    }

    /// Columns of the matrix, if it has any.
    pub const fn columns(&self) -> Option<u64> {
        match *self {
            Self::Dense => None,
            Self::Diagonal { columns, .. }
            | Self::Blocks { columns, .. }
            | Self::OtherRows { columns, .. }
            | Self::Sparse { columns, .. }
            | Self::Toeplitz { columns, .. } => Some(columns),
        }
    }

    /// The numbers that are the shader's: `structure` of `shaders/generator/params.wgsl`.
    pub(crate) fn words(&self) -> [u32; 4] {
        match *self {
            Self::Dense => [0; 4],
            Self::Diagonal { period, step, offset, .. } => [period as u32, step as u32, offset as u32, 0],
            Self::Blocks { block_rows, block_columns, .. } => [block_rows as u32, block_columns as u32, 0, 0],
            Self::OtherRows { row, .. } => [row as u32, 0, 0, 0],
            Self::Sparse { rows, zeros, .. } => {
                let left = rows.isqrt() + u64::from(rows.isqrt().pow(2) < rows);
                [rows as u32, zeros as u32, left as u32, rounds(left, rows.div_ceil(left))]
            }
            Self::Toeplitz { rows, .. } => [rows as u32, 0, 0, 0],
        }
    }

    /// Refuses what the shaders' 32-bit numbers do not hold, and a number of elements that is no whole matrix.
    pub(crate) fn check(&self, elements: u64) -> Result<()> {
        let Some(columns) = self.columns() else { return Ok(()) };
        if columns == 0 || !elements.is_multiple_of(columns) {
            return Err(Error::NotAMatrix { elements, columns });
        }
        let rows = elements / columns;
        let whole = |name, value: u64, expected: u64| {
            if value == expected { Ok(()) } else { Err(Error::StructureMismatch { name, value, expected }) }
        };
        let positive = |name, value: u64| if value > 0 { Ok(()) } else { Err(Error::ZeroDimension { name }) };
        let numbers: &[(&'static str, u64)] = match *self {
            Self::Dense => &[],
            Self::Diagonal { period, step, offset, .. } => {
                positive("period", period)?;
                let last = u128::from(period.min(rows) - 1) * u128::from(step) + u128::from(offset);
                if last > u128::from(u32::MAX) {
                    return Err(Error::DimensionTooLarge {
                        name: "the diagonal's last column",
                        value: last.try_into().unwrap_or(u64::MAX),
                    });
                }
                &[("period", period), ("step", step), ("offset", offset)]
            }
            Self::Blocks { block_rows, block_columns, .. } => {
                positive("block_rows", block_rows)?;
                positive("block_columns", block_columns)?;
                &[("block_rows", block_rows), ("block_columns", block_columns)]
            }
            Self::OtherRows { row, .. } => {
                if row >= rows {
                    return Err(Error::NoSuchRow { row: row.try_into().unwrap_or(i64::MAX), rows });
                }
                &[]
            }
            Self::Sparse { rows: stated, zeros, .. } => {
                whole("rows", stated, rows)?;
                &[("zeros", zeros)]
            }
            Self::Toeplitz { rows: stated, .. } => {
                whole("rows", stated, rows)?;
                &[]
            }
        };
        for &(name, value) in [("columns", columns), ("rows", rows)].iter().chain(numbers) {
            if value > u64::from(u32::MAX) {
                return Err(Error::DimensionTooLarge { name, value });
            }
        }
        Ok(())
    }
}

/// Where the samples are, to be read after their law: nothing where they are everywhere.
impl std::fmt::Display for Structure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dense => Ok(()),
            Self::Diagonal { .. } => write!(f, " on the diagonal"),
            Self::Blocks { block_rows, block_columns, .. } => write!(f, " in blocks of {block_rows}x{block_columns}"),
            Self::OtherRows { row, .. } => write!(f, ", row {row} zero"),
            Self::Sparse { rows, zeros, .. } => write!(f, ", {zeros} of {rows} zero in each column"),
            Self::Toeplitz { .. } => write!(f, " along diagonals"),
        }
    }
}

/// Rounds of a Feistel network over pairs below (left, right), an even number. The difference of two inputs forgets
/// where it came from by a factor of the smaller half in each round.
fn rounds(left: u64, right: u64) -> u32 {
    let half = left.min(right).max(2) as f64;
    let rounds = f64::ceil(BIAS_BITS / real::log2(half)) as u32;
    rounds.max(6).next_multiple_of(2)
}
