//! Which elements of a tensor are asked for, of a tensor that is computed as a whole.

use std::ops::Range;

use crate::request::Slice;

/// Some of a tensor's elements in their order.
#[cfg_attr(not(feature = "faer"), expect(dead_code, reason = "only orthogonal tensors are computed as a whole"))]
pub(super) enum Part<'a> {
    /// By their indices in its flat order.
    Range(Range<u64>),
    /// By their numbers in a slice.
    Slice(&'a Slice, Range<u64>),
}

#[cfg(feature = "faer")]
impl Part<'_> {
    /// How many of its elements stand before this index in the tensor's flat order.
    pub(super) fn before(&self, element: u64) -> u64 {
        match self {
            Self::Range(elements) => element.clamp(elements.start, elements.end) - elements.start,
            Self::Slice(slice, elements) => slice.before(element).clamp(elements.start, elements.end) - elements.start,
        }
    }

    /// The number among them of the element with this index, if it is one.
    pub(super) fn position(&self, element: u64) -> Option<u64> {
        match self {
            Self::Range(elements) => elements.contains(&element).then(|| element - elements.start),
            Self::Slice(slice, elements) => {
                slice.position(element).filter(|position| elements.contains(position)).map(|p| p - elements.start)
            }
        }
    }
}
