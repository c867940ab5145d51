//! Statistics of tensors in one pass and bounded memory, whoever wrote them, and how well they follow a law.
//!
//! ```text
//! bytes ──► elements ──► Summary: counts, moments, Histogram ──► judge: p-values under a Law, as the type rounds it
//! ```

pub(crate) mod elements;
pub(crate) mod histogram;
pub(crate) mod judge;
pub(crate) mod rounded;
pub(crate) mod summary;
