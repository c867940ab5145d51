//! Tables: what a kernel reads beside its parameters.

pub(super) mod cache;
mod fit;
mod logarithmic;
mod octaves;
pub(super) mod parabola;
pub(super) mod quantile;
pub(super) mod rows;
mod segment;
mod tabulate;
pub(super) mod tail;

use std::sync::Arc;

use twox_hash::XxHash64;

use crate::law::table::quantile::QuantileTable;

/// The table of a law.
#[derive(Clone, Debug, PartialEq)]
pub enum Table {
    /// Polynomials of a quantile function.
    Quantile(Arc<QuantileTable>),
    /// Patterns of bits of a list, or waves.
    Words(Arc<[u32]>),
}

impl Table {
    /// Its words, as the kernel reads them.
    pub fn words(&self) -> &[u32] {
        match self {
            Self::Quantile(table) => table.words(),
            Self::Words(words) => words,
        }
    }

    /// A name that tables of other contents do not have: it ends with their hash.
    pub fn name(&self) -> String {
        let hash = XxHash64::oneshot(0, bytemuck::cast_slice(self.words()));
        match self {
            Self::Quantile(table) => format!("{} {hash:016x}", table.name()),
            Self::Words(_) => format!("words {hash:016x}"),
        }
    }

    /// The logarithm of a quantile table's segments an octave, 0 of others.
    pub(crate) fn segment_bits(&self) -> u32 {
        match self {
            Self::Quantile(table) => table.segment_bits(),
            Self::Words(_) => 0,
        }
    }

    /// Whether it is the same table, at the same place in memory.
    #[cfg(feature = "gpu")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Quantile(a), Self::Quantile(b)) => Arc::ptr_eq(a, b),
            (Self::Words(a), Self::Words(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}
