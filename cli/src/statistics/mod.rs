//! Statistics of tensors in one pass and bounded memory, whoever wrote them, and how well they follow a law.
//!
//! ```text
//! bytes ──► elements ──► Expected: known values compared ──► samples ──► Summary: counts, moments, Histogram
//!     ──► judge: p-values under a Law, as the type rounds it ──► Row
//! ```

pub(crate) mod elements;
pub(crate) mod expected;
pub(crate) mod histogram;
pub(crate) mod judge;
pub(crate) mod pool;
pub(crate) mod rounded;
pub(crate) mod row;
pub(crate) mod summary;
pub(crate) mod torch;
