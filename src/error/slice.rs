//! Slices of tensors, and meshes of ranks that have them.

/// Why there is no such slice, or no such mesh.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SliceError {
    /// A slice with offsets or sizes that its tensor does not have.
    #[error(
        "slice at {offsets:?} of sizes {sizes:?} is not inside shape {shape:?}: {reason}; give an offset and a size \
         for each axis whose sum is at most its places"
    )]
    Outside {
        /// The shape as given.
        shape: Vec<u64>,
        /// The offsets as given.
        offsets: Vec<u64>,
        /// The sizes as given.
        sizes: Vec<u64>,
        /// Everything that is wrong.
        reason: String,
    },
    /// A slice of another tensor.
    #[error(
        "the slice is of shape {shape:?}, which has {elements} elements, the tensor has {expected}; give both one shape"
    )]
    Mismatch {
        /// Shape of the slice's tensor.
        shape: Vec<u64>,
        /// Its elements.
        elements: u64,
        /// Elements of the request's tensor.
        expected: u64,
    },
    /// A slice of an update that concerns some elements only.
    #[error("an update of a view cannot be sliced; slice the update without its view, or leave out the slice")]
    OfView,
    /// A mesh that no ranks can form.
    #[error(
        "a mesh cannot have the axes {axes:?}; give 1 to 4 of them, of at least one rank each and fewer than 2^64 \
         together"
    )]
    InvalidMesh {
        /// Ranks along each axis, as given.
        axes: Vec<u64>,
    },
    /// A rank beyond the last.
    #[error("there is no rank {rank} among {ranks}; give one from 0 to {}", ranks - 1)]
    NoSuchRank {
        /// The rank as given.
        rank: u64,
        /// How many there are.
        ranks: u64,
    },
    /// Not one placement for each axis.
    #[error("there are {found} {what} where {expected} are expected; give one for each axis")]
    Placements {
        /// Of what.
        what: &'static str,
        /// How many were given.
        found: usize,
        /// How many axes there are.
        expected: usize,
    },
    /// An axis of a mesh that splits two axes of a tensor, or that there is not.
    #[error("axis {axis} of the mesh {axes:?} is named twice or does not exist; name each axis once, numbered from 0")]
    Spec {
        /// The axis as given.
        axis: usize,
        /// Ranks along each axis of the mesh.
        axes: Vec<u64>,
    },
}
