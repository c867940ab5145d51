//! Checks: a fill's bytes against the CPU reference, bit for bit.

pub mod kernels;

use std::fmt;

use crate::cpu;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::law::{Law, Math};
use crate::request::fill::Fill;

/// Bytes compared at a time, so that memory does not grow with the tensor.
const CHUNK: u64 = 4 << 20;

/// The first element that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Index of the element in its tensor's flat order.
    pub index: u64,
    /// The element's bits by the CPU reference.
    pub expected: u64,
    /// The bits that were found.
    pub found: u64,
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Elements compared.
    pub elements: u64,
    /// How many of them differ.
    pub different: u64,
    /// The first of those.
    pub first: Option<Difference>,
}

impl Comparison {
    /// The comparison of this and of what follows it.
    pub fn and(self, next: Self) -> Self {
        Self {
            elements: self.elements + next.elements,
            different: self.different + next.different,
            first: self.first.or(next.first),
        }
    }

    /// Whether every element is equal.
    pub fn is_equal(&self) -> bool {
        self.different == 0
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            None => write!(f, "{} elements equal bit for bit", self.elements),
            Some(Difference { index, expected, found }) => write!(
                f,
                "{} of {} elements differ, first at index {index}: expected bits {expected:#x}, found {found:#x}",
                self.different, self.elements
            ),
        }
    }
}

/// Compares `found`, the elements of `fill` as little-endian bytes, with the CPU reference.
///
/// A law with [`Math::Native`] is compared by its tolerance, since its bits are the device's own.
///
/// # Errors
/// [`Error::BufferTooSmall`] if `found` is shorter than [`Fill::byte_count`].
///
/// ```
/// use weightinit::{DType, Fill, Law, cpu, verify};
///
/// let fill = Fill::new(Law::uniform(-1.0, 1.0), DType::F16, 100)?;
/// let mut bytes = cpu::bytes(&fill)?;
/// assert!(verify::compare(&fill, &bytes)?.is_equal());
/// bytes[42] ^= 1;
/// assert_eq!(verify::compare(&fill, &bytes)?.first.unwrap().index, 21);
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn compare(fill: &Fill, found: &[u8]) -> Result<Comparison> {
    let (needed, available) = (fill.byte_count(), found.len() as u64);
    if needed > available {
        return Err(Error::BufferTooSmall { needed, available });
    }
    let (dtype, first) = (fill.dtype(), fill.elements().start);
    let mut comparison = Comparison::default();
    let mut expected = vec![0; CHUNK.min(needed) as usize];
    let chunks = found[..needed as usize].chunks(CHUNK as usize);
    for (start, found) in (first..).step_by((CHUNK / dtype.size()) as usize).zip(chunks) {
        let expected = &mut expected[..found.len()];
        cpu::fill(&fill.range(start..start + found.len() as u64 / dtype.size())?, expected)?;
        comparison = comparison.and(differences(dtype, start, expected, found, |e, f| agree(fill, e, f)));
    }
    Ok(comparison)
}

/// Compares elements from index `start` on, two by two.
pub(crate) fn differences(
    dtype: DType,
    start: u64,
    expected: &[u8],
    found: &[u8],
    agree: impl Fn(u64, u64) -> bool,
) -> Comparison {
    let mut comparison = Comparison { elements: found.len() as u64 / dtype.size(), ..Comparison::default() };
    if expected != found {
        let pairs = cpu::elements(dtype, expected).zip(cpu::elements(dtype, found));
        for (index, (expected, found)) in (start..).zip(pairs).filter(|(_, (e, f))| !agree(*e, *f)) {
            comparison.different += 1;
            comparison.first.get_or_insert(Difference { index, expected, found });
        }
    }
    comparison
}

/// Whether two elements are the same, or within the tolerance of native arithmetic.
fn agree(fill: &Fill, expected: u64, found: u64) -> bool {
    let &Law::Normal { std, math: Math::Native, .. } = fill.law() else { return expected == found };
    let (expected, found) = (fill.dtype().value(expected), fill.dtype().value(found));
    // Half a unit in the last place of either value comes from rounding to the type.
    let rounding = 2.0 * (expected.abs().max(found.abs()) * fill.dtype().precision() + fill.dtype().least());
    (expected - found).abs() <= Math::NATIVE_TOLERANCE * std + rounding
}
